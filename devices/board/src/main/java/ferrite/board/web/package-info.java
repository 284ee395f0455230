/** The pages of a machine for HTTP clients of the debug port: the inspectors as JSON, their description, the events. */
package ferrite.board.web;
