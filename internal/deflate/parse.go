package deflate

// patience is how many events in a row may have no match before only some of
// them are looked at.
const patience = 4

// parse turns src into tokens.
func (e *Encoder) parse() {
	ev, b := &e.events, &e.block
	ev.read(&e.model)
	i, lead := uint32(1), ev.get(0).zeros()
	for misses := uint32(0); ; {
		if !ev.done && ev.n-i < ahead {
			ev.read(&e.model)
		}
		if ev.done && i == ev.n {
			break
		}
		away := e.insert(i)
		var best found
		if misses/patience&7&i == 0 {
			best = e.match(i, away, lead)
		}
		if best.fore > 0 && best.saved > 0 {
			misses = 0
			e.saved += int64(best.saved)
			e.zeros(lead - best.back)
			b.match((best.fore+best.back)<<ev.log, best.dist<<ev.log)
			end := ev.get(i).at + best.fore
			for i++; int32(ev.get(i).at-end) < 0; i++ {
				e.insert(i)
			}
			lead = ev.get(i).at - end
		} else {
			misses++
			e.zeros(lead)
			b.sample(ev.get(i).what>>16, ev.log)
			lead = ev.get(i).zeros()
			i++
		}
		if b.full() {
			b.write(false)
			e.learn(ev.get(i).cost)
		}
	}
	e.zeros(lead)
	for _, v := range ev.src[ev.in:] {
		b.literal(v)
	}
}

// learn takes what the block that was just written teaches for the next one,
// which begins with an event of this cost.
func (e *Encoder) learn(cost uint32) {
	e.model.learn(&e.block.lits.lengths, &e.block.dists.lengths)
	e.rate = int(min(255, max(0, e.saved<<8/int64(cost-e.cost+1))))
	e.cost, e.saved = cost, 0
}

// zeros codes so many samples of zero.
func (e *Encoder) zeros(samples uint32) {
	n := samples << e.events.log
	if n == 0 {
		return
	}
	b := &e.block
	if n <= maxMatch && e.model.asLit[n] {
		for range n {
			b.literal(0)
		}
		return
	}
	if b.at == 0 || b.src[b.at-1] != 0 {
		b.literal(0)
		n--
	}
	for ; n >= minMatch; n -= min(n, maxMatch) {
		b.match(min(n, maxMatch), 1)
	}
	for range n {
		b.literal(0)
	}
}
