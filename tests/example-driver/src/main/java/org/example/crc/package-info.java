/** A device outside of Ferrite: its registers, its model and its driver. */
package org.example.crc;
