package ferrite.kernel.vm;

/** Counts of references to open files, which the floor of files keeps. */
public interface FileReferences {

    /** Takes a reference: {@code get_file}. */
    void get(long file);

    /** Drops a reference, and closes the file with the last one: {@code fput}. Task context; may sleep. */
    void put(long file);
}
