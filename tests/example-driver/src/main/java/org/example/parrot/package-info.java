/** A driver outside of Ferrite. */
package org.example.parrot;
