// Package transfer moves whole runs between a MIBItracker backend and folders.
//
// A pull brings a run's FOVs, or single channels of them, into a folder:
// [PlanPull], then [PullPlan.Run]. A push sends MIBItiffs to the FOVs of a run
// that they are of: [PlanPush], then [PushPlan.Run]. Both plan first, by one
// listing of the run, and move nothing until the plan is run. A plan can be run
// again after whatever ended it, and so can a new one of the same: what was whole
// is not moved again, and what a pull has by half is continued.
//
// [Watch] pushes what an instrument writes to a folder, as it becomes whole.
// [Check] compares a folder with the server, and moves nothing.
//
// Files appear under their names only when they are whole and verified.
//
// Everything that can wait takes a context and returns when it ends. What a
// single FOV or file fails at is a [Failure] in the result, and does not end the
// others' work; an error is what ends all of it: a [UsageError] or a
// [PatternError] before anything was asked for, a [StoppedError] where going on
// was of no use, or the context's. What happens meanwhile is told by an [Event]
// each. Sizes are in bytes, hashes in hexadecimal.
package transfer
