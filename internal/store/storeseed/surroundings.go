package storeseed

import (
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
)

const now = "2026-01-01T00:00:00.000000Z"

// Sizes of what surrounds the images.
const (
	people, projects, tissues, slides, panels, sections = 10, 20, 50, 2500, 30, 5000
	channels, packedKinds                               = 40, 256
)

var (
	organs    = []string{"Tonsil", "Liver", "Lymph Node", "Spleen", "Placenta", "Thymus", "Breast", "Colon", "Überrest", "Skin"}
	diagnoses = []string{"Unremarkable", "TNBC", "DLBCL", "Hodgkin", "Carcinoma"}
	targets   = []string{"CD3", "CD4", "CD8", "CD20", "CD45", "CD68", "CD163", "dsDNA", "Keratin", "Vimentin", "HLA class 1 A, B, and C", "HLA-DR",
		"FoxP3", "Ki-67", "PD-1", "PD-L1", "LAG3", "TIM-3", "CD11c", "CD14", "CD16", "CD31", "CD56", "CD57", "SMA", "Fibronectin", "Collagen-1",
		"Beta catenin", "EGFR", "p53", "H3K27me3", "H3K9ac", "IDO", "Calprotectin", "Tryptase", "Chymase", "Na-K-ATPase", "GLUT1", "CD44", "CD69",
		"CD103", "CD209", "CD206", "CD38", "CD138", "PAX5", "PAX8", "ER", "PR", "HER2"}
)

// surroundings makes all that runs and images relate to.
func (w *seeder) surroundings(t *tx) error {
	for _, step := range []func(*tx) error{w.addAccounts, w.addProjects, w.addCatalog, w.addPanels, w.addSections, w.packChannels} {
		if err := step(t); err != nil {
			return err
		}
	}
	return nil
}

func (w *seeder) addAccounts(t *tx) error {
	for i := range people {
		if err := keep(&w.accounts)(t.add("accounts", "email,password_hash,admin,created_at", fmt.Sprintf("person%d@lab.example", i), w.Hash, false, now)); err != nil {
			return err
		}
	}
	for _, email := range []string{Admin, Five, Small, Nobody} {
		if err := keep(&w.accounts)(t.add("accounts", "email,password_hash,admin,created_at", email, w.Hash, email == Admin, now)); err != nil {
			return err
		}
	}
	return nil
}

// addProjects makes twenty. The last but one is the small one, the last is public.
func (w *seeder) addProjects(t *tx) error {
	five, small := w.accounts[people+1], w.accounts[people+2]
	for i := range projects {
		id, err := t.add("projects", "name,description,is_public,can_share_images,created_by,edited_at", fmt.Sprintf("Project %c", 'A'+i),
			nil, i == projects-1, i%2 == 0, w.accounts[i%people], now)
		if err != nil {
			return err
		}
		w.projects = append(w.projects, id)
		members := []int64{w.accounts[i%people]}
		if i >= 5 && i < 10 {
			members = append(members, five)
		}
		if i == projects-2 {
			members = append(members, small)
		}
		for _, account := range members {
			if _, err := t.add("project_members", "project_id,account_id,role", id, account, model.RoleEditor); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *seeder) addCatalog(t *tx) error {
	for i := range 4 {
		if _, err := t.add("instruments", "name,description", fmt.Sprintf("Beta%d", i+1), nil); err != nil {
			return err
		}
	}
	for i := range tissues {
		if err := keep(&w.tissues)(t.add("tissues", "description,organ,subsite,diagnosis,created_by", nil, organs[i%len(organs)],
			fmt.Sprintf("site %d", i/len(organs)), diagnoses[i%len(diagnoses)], w.accounts[i%people])); err != nil {
			return err
		}
	}
	for i := range slides {
		if err := keep(&w.slides)(t.add("slides", "name,description,slide_type,project_id,created_by", fmt.Sprint(1000+i), fmt.Sprintf("block %d", i/3),
			"coated", w.projectOf(i), w.accounts[i%people])); err != nil {
			return err
		}
	}
	return nil
}

// addPanels makes panels with conjugates, and two sets of channels for each.
func (w *seeder) addPanels(t *tx) error {
	for i := range panels {
		id, err := t.add("panels", "name,manufacture_date,project_id,created_by", fmt.Sprintf("Panel_%02d", i), fmt.Sprintf("202%d-03-%02d", i%5, i%28+1),
			w.projectOf(i), w.accounts[i%people])
		if err != nil {
			return err
		}
		w.panels = append(w.panels, id)
		chosen := w.rnd.Perm(len(targets))[:channels]
		var sets [2]int64
		for k := range sets {
			hash := fmt.Sprintf("%064x", i*2+k)
			if sets[k], err = t.add("channel_sets", "sha256", hash); err != nil {
				return err
			}
		}
		for page, c := range chosen {
			mass := 113 + page
			if _, err := t.add("conjugates", "panel_id,target,mass,clone,lot", id, targets[c], mass, "C"+fmt.Sprint(c), fmt.Sprint(1000+c)); err != nil {
				return err
			}
			for k, set := range sets {
				if k == 1 && page == channels-1 {
					continue // the second set lacks the last channel
				}
				if _, err := t.add("channel_members", "set_id,page,name,mass", set, page, targets[c], mass); err != nil {
					return err
				}
			}
		}
		w.sets = append(w.sets, sets[:]...)
	}
	return nil
}

func (w *seeder) addSections(t *tx) error {
	for i := range sections {
		if err := keep(&w.sections)(t.add("sections", "position,tissue_id,slide_id,panel_id,cut_date,project_id,created_by", []string{"top", "middle", "bottom"}[i%3],
			w.tissues[i%tissues], w.slides[i%slides], w.panels[i%panels], fmt.Sprintf("2022-%02d-11", i%12+1), w.projectOf(i), w.accounts[i%people])); err != nil {
			return err
		}
	}
	return nil
}

// packChannels makes a supply of what images keep of their channels.
func (w *seeder) packChannels(*tx) error {
	for i := range packedKinds {
		list := make([]model.Channel, channels)
		for page := range list {
			sum := make([]byte, 32)
			for k := range sum {
				sum[k] = byte(w.rnd.Uint32())
			}
			mass := 113 + page
			list[page] = model.Channel{Page: page, Mass: &mass, Key: fmt.Sprintf("images/%d/%d/%04d.png", i+1, i+1, page), FileName: targets[page] + ".png",
				ContentType: "image/png", Size: int64(40000 + w.rnd.IntN(200000)), SHA256: hex.EncodeToString(sum), Width: 1024, Height: 1024,
				DType: "uint8", Max: float64(w.rnd.IntN(255)), Sum: float64(w.rnd.IntN(1 << 22)), NonZero: int64(w.rnd.IntN(1 << 20))}
		}
		data, err := store.PackChannels(list)
		if err != nil {
			return err
		}
		w.packed = append(w.packed, data)
	}
	return nil
}

// projectOf spreads objects over the large projects; a few are in none.
func (w *seeder) projectOf(i int) any {
	if i%25 == 24 {
		return nil
	}
	return w.projects[i%(projects-2)]
}

// keep appends the id of a row.
func keep(list *[]int64) func(int64, error) error {
	return func(id int64, err error) error {
		*list = append(*list, id)
		return err
	}
}

func name(parts ...string) string { return strings.Join(parts, "_") }
