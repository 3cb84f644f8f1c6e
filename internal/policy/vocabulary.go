package policy

// EditVocabulary is the decision for changing a word of the lab's vocabulary:
// a tissue, an instrument, an aperture. Every account sees them; who made one
// and administrators change it. creatorID 0 is for what administrators alone
// make.
func EditVocabulary(a Account, creatorID int64) Decision {
	return decide(a.known(), a.Admin || creatorID != 0 && creatorID == a.ID)
}
