/**
 * HTTP on the debug port: the inspectors of a machine as JSON, and its events as a WebSocket. The board offers the
 * pages ({@code WebPages}) and makes their JSON. This package has the protocol: limits, refusals of foreign hosts and
 * origins, the token, and the bounded queue of events. It uses Netty alone.
 */
package ferrite.debugport.http;
