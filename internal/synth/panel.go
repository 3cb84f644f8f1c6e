package synth

// stain is where an antibody binds, or an element is found: ions a pixel, in
// each kind of cell, at the height of its signal.
type stain struct {
	mass   int
	target string
	part   part
	ions   map[kind]float64
	// haze is what is counted everywhere in tissue, glass what is counted
	// outside of it.
	haze, glass float64
}

// part is where in a cell a target sits.
type part uint8

const (
	nucleus part = iota
	membrane
	cytoplasm
	wholeCell
	parts
)

type kind uint8

const (
	tumour kind = iota
	fibroblast
	endothelial
	helperT
	killerT
	regulatoryT
	bCell
	macrophage
	neutrophil
	kinds
)

// all is a level in every kind of cell.
func all(level float64) map[kind]float64 {
	m := map[kind]float64{}
	for k := range kinds {
		m[k] = level
	}
	return m
}

func some(level float64, of ...kind) map[kind]float64 {
	m := map[kind]float64{}
	for _, k := range of {
		m[k] = level
	}
	return m
}

// panel is an immuno-oncology panel as labs use them, with the instrument's
// background channels; the first five make a small FOV worth looking at.
var panel = []stain{
	{89, "dsDNA", nucleus, all(1.6), 0.01, 0.001},
	{141, "CD45", membrane, some(1.1, helperT, killerT, regulatoryT, bCell, macrophage, neutrophil), 0.006, 0.001},
	{165, "Keratin", cytoplasm, some(1.3, tumour), 0.006, 0.001},
	{159, "CD3", membrane, some(1.2, helperT, killerT, regulatoryT), 0.004, 0.001},
	{197, "Au", wholeCell, all(0.02), 0.02, 0.9},
	{113, "Vimentin", cytoplasm, some(0.7, fibroblast, endothelial, macrophage), 0.01, 0.001},
	{115, "SMA", cytoplasm, some(0.5, fibroblast), 0.008, 0.001},
	{142, "CD31", membrane, some(1.4, endothelial), 0.003, 0.001},
	{143, "CD4", membrane, some(0.8, helperT, regulatoryT, macrophage), 0.005, 0.001},
	{144, "CD11b", membrane, some(0.7, macrophage, neutrophil), 0.004, 0.001},
	{145, "CD8", membrane, some(1.1, killerT), 0.004, 0.001},
	{146, "FOXP3", nucleus, some(0.5, regulatoryT), 0.003, 0.001},
	{147, "CD20", membrane, some(1.5, bCell), 0.003, 0.001},
	{148, "Ki-67", nucleus, some(0.35, tumour), 0.004, 0.001},
	{149, "PD-1", membrane, some(0.3, helperT, killerT), 0.003, 0.001},
	{150, "CD11c", membrane, some(0.5, macrophage), 0.003, 0.001},
	{151, "CD163", membrane, some(0.6, macrophage), 0.004, 0.001},
	{152, "CD68", cytoplasm, some(0.9, macrophage), 0.004, 0.001},
	{153, "PD-L1", membrane, some(0.12, tumour, macrophage), 0.004, 0.001},
	{154, "MPO", cytoplasm, some(1.6, neutrophil), 0.003, 0.001},
	{155, "IDO", cytoplasm, some(0.08, tumour, macrophage), 0.004, 0.001},
	{156, "HLA-DR", membrane, some(0.7, bCell, macrophage, endothelial), 0.006, 0.001},
	{158, "E-cadherin", membrane, some(0.9, tumour), 0.005, 0.001},
	{160, "CD45RO", membrane, some(0.6, helperT, killerT, regulatoryT), 0.005, 0.001},
	{161, "CD56", membrane, some(0.05, killerT), 0.003, 0.001},
	{162, "HLA class 1 A, B, and C", membrane, all(0.55), 0.01, 0.001},
	{163, "Beta-catenin", membrane, some(0.6, tumour, endothelial), 0.006, 0.001},
	{164, "p53", nucleus, some(0.3, tumour), 0.004, 0.001},
	{166, "H3K9ac", nucleus, all(0.5), 0.005, 0.001},
	{167, "H3K27me3", nucleus, all(0.45), 0.005, 0.001},
	{168, "CD138", membrane, some(0.25, tumour), 0.004, 0.001},
	{169, "Granzyme B", cytoplasm, some(0.3, killerT), 0.003, 0.001},
	{170, "Lag3", membrane, some(0.08, killerT, regulatoryT), 0.003, 0.001},
	{171, "phospho-S6", cytoplasm, some(0.2, tumour, macrophage), 0.006, 0.001},
	{173, "EGFR", membrane, some(0.4, tumour), 0.004, 0.001},
	{174, "CD209", membrane, some(0.12, macrophage), 0.003, 0.001},
	{175, "Collagen I", cytoplasm, some(0.6, fibroblast), 0.02, 0.001},
	{176, "Na/K-ATPase", membrane, all(0.4), 0.008, 0.001},
	{56, "Fe", wholeCell, some(0.05, macrophage, endothelial), 0.008, 0.004},
	{181, "Ta", wholeCell, all(0.015), 0.015, 1.2},
}
