package ferrite.kernel.fs;

import ferrite.hardware.turn.ReadableMemory;
import java.util.Map;

/** What files know of block devices, which a higher floor serves. */
public interface BlockDevices {

    /** Returns the text address of the {@link FileOperations} on files of block devices. */
    long operations();

    /** Returns the names of the drivers by their major numbers, in the order of the numbers. */
    Map<Integer, String> majors(ReadableMemory view);
}
