package ferrite.kernel.fs;

import ferrite.kernel.base.DriverApi;

/** {@code struct file}: an open file. */
@DriverApi
public final class FileLayout {

    public static final int SIZE = 40;

    /** Text address of its {@link FileOperations}. */
    public static final int OPERATIONS = 0;
    /** The word that was registered with the device. */
    public static final int DATA = 4;
    /** The driver's, for this open file; zero at first. */
    public static final int PRIVATE = 8;
    public static final int PRIVATE_2 = 12;
    public static final int POSITION = 16;

    private FileLayout() { }
}
