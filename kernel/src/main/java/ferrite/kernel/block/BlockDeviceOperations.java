package ferrite.kernel.block;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.base.Errno;

/**
 * A driver's operations on a disk, {@code struct block_device_operations} (LDD3 chapter 16, "Block device operations").
 * The kernel calls them in task context; they may sleep. {@code disk} is the address of a {@link GendiskLayout}.
 */
@DriverApi
public interface BlockDeviceOperations {

    /**
     * Called for each file that is opened (LDD3 page 471).
     *
     * @param mode {@code FMODE_READ} and {@code FMODE_WRITE}
     * @return 0 or a negative {@link Errno}
     */
    default int open(long disk, int mode) {
        return 0;
    }

    /** Called when a file has lost its last descriptor (LDD3 page 472), also after {@code del_gendisk}. */
    default void release(long disk, int mode) { }

    /**
     * Obeys a command that is none of the kernel's own, which are BLKGETSIZE and its kin (LDD3 page 473).
     *
     * @return 0 or more; {@code -ENOTTY} if the driver does not know the command
     */
    default int ioctl(long disk, int mode, int command, long argument) {
        return -Errno.ENOTTY;
    }

    /**
     * Tells the geometry for HDIO_GETGEO.
     *
     * @param geometry address of a {@link HdGeometryLayout}
     * @return 0; {@code -ENOTTY} if there is none
     */
    default int getgeo(long disk, long geometry) {
        return -Errno.ENOTTY;
    }

    /**
     * Tells whether the medium was changed, for {@code check_disk_change} (LDD3 chapter 16, "Supporting Removable
     * Media").
     */
    default boolean mediaChanged(long disk) {
        return false;
    }

    /**
     * Adapts to a new medium (LDD3 chapter 16, "Supporting Removable Media"). Returns 0 or a negative {@link Errno}.
     */
    default int revalidateDisk(long disk) {
        return 0;
    }
}
