package ferrite.kernel.fs;

import java.util.List;

/** A directory of {@code /sys} with files of text, which a higher floor serves. Paths follow the directory's name. */
public interface SysfsTree {

    /** Lists a directory, in any order; null if the path is none. Task context. */
    List<Sysfs.Node> list(List<String> path);

    /**
     * Returns the text of a file that {@link #list} showed when it was opened, with its line feeds; null if the file
     * is gone. Task context.
     */
    String show(List<String> path);

    /**
     * Takes a text that was written to a file. May sleep.
     *
     * @param text without blanks and line feeds at its ends
     * @return 0 or a negative {@link ferrite.kernel.base.Errno}
     */
    int store(List<String> path, String text);

    /** Returns what a symbolic link leads to, as Linux writes it; null for other files. Task context. */
    default String target(List<String> path) {
        return null;
    }

    /** Returns a text address of the loaded driver that an open file keeps; 0 if it keeps none. */
    default long owner(List<String> path) {
        return 0;
    }
}
