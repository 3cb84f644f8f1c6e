package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/spf13/cobra"

	"github.com/openmibi/openmibi/mibitracker"
)

// api calls any route of the server.
type api struct {
	g        *globals
	method   string
	fields   fieldFlag
	files    []string
	headers  []string
	input    string
	paginate bool
}

func newAPI(g *globals) *cobra.Command {
	o := api{g: g}
	cmd := &cobra.Command{
		Use:   "api ROUTE",
		Short: "Call any route of the server, logged in",
		Long: "Call any route of the server, logged in, and print the answer as it came (JSON\n" +
			"is indented on a terminal). ROUTE is the path below the server's URL, with or\n" +
			"without slashes at its ends, and may have a query.\n\n" +
			"The method is GET, or POST where there is something to send. The fields of -f\n" +
			"are JSON; with GET, or with --input, they are the query; with -F they are parts\n" +
			"of a form. -f key=value sends numbers, true, false and null as such, and\n" +
			"-f key:=text sends text as it is.",
		Example: "  mibi api /runs/ -X GET -f name=20190308_2169_2170 --jq '.results[].label'\n" +
			"  mibi api /images/12/ -X PUT -f fov_size=500 -f imaging_preset=null\n" +
			"  mibi api /images/12/upload_channel/ -F attachment=@borders.png\n" +
			"  mibi api '/images/?run__label=A' --paginate",
		Args: exactArgs("ROUTE"),
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), args[0]) },
	}
	f := cmd.Flags()
	f.StringVarP(&o.method, "method", "X", "", "the HTTP `method`")
	f.VarP(&o.fields, "field", "f", "a `key=value` to send; key:=text for text as it is (repeatable)")
	f.StringArrayVarP(&o.files, "file", "F", nil, "a `key=@file` to send as a part of a form (repeatable)")
	f.StringArrayVarP(&o.headers, "header", "H", nil, "a `Name: value` to send as a header (repeatable)")
	f.StringVar(&o.input, "input", "", "a `file` to send as the content, JSON unless -H says otherwise; - for standard input")
	f.BoolVar(&o.paginate, "paginate", false, "follow the pages of a list, and print one array")
	return cmd
}

func (o *api) run(ctx context.Context, route string) error {
	r, err := o.request(route)
	if err != nil {
		return err
	}
	body, done, err := o.body()
	if err != nil {
		return err
	}
	defer done()
	if r.Body = body; body != nil && !o.g.flags.Changed("timeout") {
		r.Timeout = mibitracker.DefaultTransferTimeout
	}
	client, _, err := o.g.client(ctx)
	if err != nil {
		return err
	}
	if o.paginate {
		return o.pages(ctx, client, r)
	}
	resp, err := client.Do(ctx, r)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if err := o.print(resp); err != nil {
		path, _, _ := strings.Cut(route, "?") // a query may hold a signature
		return fmt.Errorf("%s %s: %w", r.Method, path, err)
	}
	return nil
}

// request is all but the content.
func (o *api) request(route string) (r mibitracker.Request, err error) {
	r = mibitracker.Request{Method: strings.ToUpper(o.method), Route: route, Header: http.Header{}}
	sends := len(o.fields) > 0 || len(o.files) > 0 || o.input != ""
	if r.Method == "" {
		r.Method = http.MethodGet
		if sends && !o.paginate {
			r.Method = http.MethodPost
		}
	}
	o.method = r.Method
	path, _, _ := strings.Cut(route, "?")
	switch {
	case strings.Contains(path, "://"):
		return r, usage(fmt.Errorf("%q is not a route: give the path below the server's URL", path))
	case o.bodiless() && (len(o.files) > 0 || o.input != ""):
		return r, usage(fmt.Errorf("%s has no content: -F and --input go with POST, PUT or PATCH", r.Method))
	case o.input != "" && len(o.files) > 0:
		return r, usage(errors.New("-F and --input are two contents: give one"))
	case o.paginate && r.Method != http.MethodGet:
		return r, usage(errors.New("--paginate goes with GET"))
	}
	if o.bodiless() || o.input != "" {
		r.Query = o.fields.query()
	}
	for _, h := range o.headers {
		name, value, ok := strings.Cut(h, ":")
		if name = http.CanonicalHeaderKey(strings.TrimSpace(name)); !ok || name == "" {
			return r, usage(fmt.Errorf("-H %q is not of the form Name: value", h))
		}
		if name == "Authorization" || name == "Cookie" {
			return r, usage(fmt.Errorf("-H %s: mibi logs in by itself; see mibi login and --token-file", name))
		}
		r.Header.Add(name, strings.TrimSpace(value))
	}
	return r, nil
}

func (o *api) bodiless() bool { return o.method == http.MethodGet || o.method == http.MethodHead }

// body is the content; done removes what it left.
func (o *api) body() (body *mibitracker.Body, done func(), err error) {
	done = func() {}
	switch {
	case o.input != "":
		source, done, err := openInput(o.input, o.g.streams.In)
		if err != nil {
			return nil, done, err
		}
		return mibitracker.SourceBody("application/json", source), done, nil
	case o.bodiless():
		return nil, done, nil
	case len(o.files) > 0:
		body, err = o.form()
		return body, done, err
	case len(o.fields) > 0:
		object, err := o.fields.object()
		if err != nil {
			return nil, done, err
		}
		return mibitracker.JSONBody(object), done, nil
	}
	return nil, done, nil
}

// form is a multipart form: the fields as texts, then the files.
func (o *api) form() (*mibitracker.Body, error) {
	var parts []mibitracker.Part
	for _, f := range o.fields {
		text := f.text
		if f.value == nil {
			text = "" // a form has no null
		}
		parts = append(parts, mibitracker.Part{Name: f.name, Text: text})
	}
	for _, text := range o.files {
		part, err := filePart(text)
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
	}
	return mibitracker.MultipartBody(parts...), nil
}

// print writes the answer as it came; on a terminal JSON is indented, and
// nothing is written that the terminal would obey.
func (o *api) print(resp *http.Response) error {
	if o.g.jq != nil {
		return o.g.printJQ(resp.Body)
	}
	if _, ok := terminal(o.g.streams.Out); !ok {
		_, err := io.Copy(o.g.streams.Out, resp.Body)
		return err
	}
	if kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")); kind != "application/json" {
		return showAll(o.g.streams.Out, resp.Body)
	}
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	return o.g.printJSONText(text)
}

// pages prints the objects of a list's pages as one array, page by page; only
// --jq needs all of it at once.
func (o *api) pages(ctx context.Context, client *mibitracker.Client, r mibitracker.Request) error {
	out := o.g.results()
	var all bytes.Buffer
	if o.g.jq != nil {
		out = &all
	}
	before := "["
	for object, err := range pagesOf(ctx, client, r) {
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(out, "%s%s", before, object); err != nil {
			return err
		}
		before = ",\n"
	}
	end := "]\n"
	if before == "[" {
		end = "[]\n"
	}
	if _, err := io.WriteString(out, end); err != nil || o.g.jq == nil {
		return err
	}
	return o.g.printJQ(&all)
}
