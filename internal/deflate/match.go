package deflate

const (
	// nice is the bytes of a match after which no better one is looked for.
	nice = 130
	// tryCost is what comparing with an event takes of tries; to see that it
	// will not do takes 1.
	tryCost = 4
	// crowded is how much more is looked at for an event without zeros on either
	// side, as most are where they are many: there the next ones differ more.
	crowded = 2
)

// tries is how much is looked at for one event, by the size of a sample. There
// are fewer samples of 4 bytes, and each costs more.
var tries = [...]int{12, 4, 24}

// found is a match, in samples: so many zeros before the event, and so many from
// it on, are as they were dist before. None has fore 0.
type found struct {
	score            int // bits saved, less the average for what is covered
	saved            int // bits saved
	back, fore, dist uint32
	alike            uint32 // events that are the same with their zeros
}

// match looks for the match of event i that is worth most, where lead zeros
// before it are still to be coded and away is what insert returned.
func (e *Encoder) match(i, away, lead uint32) (best found) {
	ev, m := &e.events, &e.model
	log := ev.log
	first := ev.get(i)
	leadCost := int(m.zeros(lead << log))
	// What is left if the event is coded as it is, and the next one looked at.
	best.score = -(leadCost + int(m.sample(first.what))) * e.rate >> 8

	// The newest of the same value is near, and may do where its zeros differ.
	if j := e.chains.before; j != 0 && ev.log == 2 {
		if from := ev.get(j); i-j < history && (from.what^first.what)>>16 == 0 && first.at-from.at <= ev.far {
			e.try(i, j, lead, leadCost, &best)
		}
	}
	j := i - away
	// In a run of events, the one before is the first to try; it is in no chain.
	again := ev.get(i-1).what == first.what
	left := tries[log]
	if lead == 0 && first.zeros() == 0 {
		left += crowded
	}
	for ; (away > 0 || again) && left > 0; left -= tryCost {
		from := j
		if again {
			again, from = false, i-1
		} else {
			away = uint32(e.chains.back[j&ringMask])
			j -= away
		}
		if first.at-ev.get(from).at > ev.far || i-from >= history {
			break
		}
		// It should do for the event at which the best so far ends.
		if ev.get(from).what != first.what || (ev.get(from+best.alike).what^ev.get(i+best.alike).what)>>16 != 0 {
			left += tryCost - 1
			continue
		}
		if e.try(i, from, lead, leadCost, &best); (best.fore+best.back)<<log >= nice {
			break
		}
	}
	return best
}

// try replaces the best match by that with event j, if it is better.
func (e *Encoder) try(i, j, lead uint32, leadCost int, best *found) {
	ev := &e.events
	f := found{dist: ev.get(i).at - ev.get(j).at}
	e.forward(i, j, &f)
	f.back = min(lead, ev.get(j-1).zeros(), ev.most-f.fore)
	if f.back == lead {
		f.saved += leadCost
	}
	length := (f.fore + f.back) << ev.log
	if length < minMatch {
		return
	}
	average := f.saved * e.rate >> 8
	f.saved -= e.model.match(length, f.dist<<ev.log)
	f.score = f.saved - average
	if f.score > best.score {
		*best = f
	}
}

// forward compares two events of one value and those after them. It sets how
// many samples are the same, what these cost as literals and runs, and how many
// events are the same with their zeros.
func (e *Encoder) forward(i, j uint32, f *found) {
	ev, m := &e.events, &e.model
	first := ev.get(i)
	n := uint32(0)
	for ev.get(i+n).what == ev.get(j+n).what && ev.get(i+n).at-first.at < ev.most {
		n++
	}
	a, b := ev.get(i+n), ev.get(j+n)
	f.fore = a.at - first.at
	f.saved = int(int32(a.cost - first.cost))
	if f.fore < ev.most && (a.what^b.what)>>16 == 0 {
		// The same sample with other zeros. A run that is cut costs about the same.
		f.saved += int(m.sample(a.what))
		if a.zeros() <= b.zeros() {
			f.saved += int(m.zeros(a.zeros() << (ev.log & 7)))
		}
		f.fore += 1 + min(a.zeros(), b.zeros())
	}
	f.fore = min(f.fore, ev.most)
	f.alike = n
}
