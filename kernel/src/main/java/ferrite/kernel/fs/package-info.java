/**
 * Files: {@code /dev}, {@code /proc}, and open files of tasks. It may use {@code dma} and the floors below.
 */
package ferrite.kernel.fs;

