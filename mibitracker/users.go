package mibitracker

import "context"

// UsersService is Client.Users.
type UsersService service

// Me gives the account that the client is logged in as. A backend that does
// not tell it answers ErrNotFound.
//
//mibi:route GET /users/me/
func (s *UsersService) Me(ctx context.Context) (*User, error) {
	return object[User](ctx, s.client, Request{Route: "/users/me/"})
}
