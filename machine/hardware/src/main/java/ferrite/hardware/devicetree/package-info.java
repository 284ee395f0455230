/**
 * Device trees: nodes and properties, their flattened form, and its parser. It uses nothing else of Ferrite. A board
 * writes a tree with it, and the kernel reads the tree with it.
 */
package ferrite.hardware.devicetree;
