/** Snapshots of bare machines in files: the format, the writer, and the reader, which trusts no file. */
package ferrite.board.snapshot;
