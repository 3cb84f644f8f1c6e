package store

// ChannelMigration is the migration that is no SQL file.
var ChannelMigration = channelMigration
