"""A helpdesk's own API is asked where its webhook told no address of the customer: by whose token
(`access`), in what requests (`client`), which events and when (`queue`), in rounds (`rounds`)."""
