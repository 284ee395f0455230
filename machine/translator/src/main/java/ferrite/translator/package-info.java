/**
 * Guest code to JVM bytecode, with ASM. {@link ferrite.translator.BytecodeTranslator} makes a hidden class for each
 * region of hot code.
 */
package ferrite.translator;
