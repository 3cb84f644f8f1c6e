// Package transfer moves whole runs between a MIBItracker backend and folders:
// it pulls a run's FOVs, pushes MIBItiffs to the FOVs that they belong to,
// watches a folder that an instrument writes to, and checks a folder against
// the server.
//
// Each of them plans first, by one listing, and moves nothing until the plan is
// run. A plan can be run again after whatever ended it: what was whole is not
// moved again, and what was half is continued. Files appear under their names
// only when they are whole and verified.
package transfer
