/** Parts of a connection's pipeline that the handlers of all protocols share. */
package ferrite.debugport.pipeline;
