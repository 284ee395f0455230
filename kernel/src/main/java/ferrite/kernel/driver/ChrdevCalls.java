package ferrite.kernel.driver;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.fs.CdevLayout;
import ferrite.kernel.fs.FileLayout;
import ferrite.kernel.fs.FileOperations;
import ferrite.kernel.fs.Kdev;
import ferrite.kernel.fs.MiscDeviceLayout;

/**
 * Character devices: numbers (LDD3 pages 45-48), cdevs (pages 55-57), classes and their files in {@code /dev} (chapter
 * 14), and misc devices. Numbers are made by {@link Kdev#MKDEV}.
 */
@DriverApi
public interface ChrdevCalls {

    /**
     * Makes {@code /dev/NAME} in one step, a shorthand for drivers in Java: a misc device in the kernel's memory, with
     * a minor number of the kernel's choice. Task context; may sleep.
     *
     * @param name       at most 31 bytes
     * @param operations text address of {@link FileOperations}
     * @param data       stored in {@link FileLayout#DATA} of each file that is opened
     * @return 0, -EEXIST, -EBUSY if there is no minor number left, -EINVAL for a long name, or -ENOMEM
     */
    int cdevAdd(String name, long operations, long data);

    /** Removes a device of {@link #cdevAdd(String, long, long)}; open files stay open. Task context. */
    void cdevDel(String name);

    // ---- numbers ----

    /**
     * Takes device numbers with a free major number. Task context; may sleep.
     *
     * @param devVa where the first number is stored, in 4 bytes
     * @return 0, -EBUSY, -EINVAL or -ENOMEM
     */
    @CName("alloc_chrdev_region")
    int allocChrdevRegion(long devVa, int baseMinor, int count, String name);

    /**
     * Takes device numbers, all or none. Task context; may sleep.
     *
     * @return 0, -EBUSY if another driver has one of them, -EINVAL or -ENOMEM
     */
    @CName("register_chrdev_region")
    int registerChrdevRegion(int from, int count, String name);

    /** Gives back the numbers that one call has taken. Task context; may sleep. */
    @CName("unregister_chrdev_region")
    void unregisterChrdevRegion(int from, int count);

    /**
     * Takes the minor numbers 0 to 255 of a major number, with operations, in the older way (LDD3 page 57). Task
     * context; may sleep.
     *
     * @param major 0 for a free one
     * @return the major number if it was 0, or else 0; -EBUSY, -EINVAL or -ENOMEM
     */
    @CName("register_chrdev")
    int registerChrdev(int major, String name, long operations);

    /** Gives back the numbers of register_chrdev. Task context; may sleep. */
    @CName("unregister_chrdev")
    void unregisterChrdev(int major, String name);

    /** Returns the minor number of an open file's device. Any context. */
    @CName("iminor")
    int iminor(long file);

    /** Returns the major number of an open file's device. Any context. */
    @CName("imajor")
    int imajor(long file);

    /**
     * Stores a device number as text, {@code major:minor} and a newline (LDD3 page 49). Any context.
     *
     * @param buffer has room for 20 bytes
     * @return the length without the NUL
     */
    @CName("print_dev_t")
    int printDevT(long buffer, int dev);

    /** Stores a device number as {@link #printDevT} does, without a newline. Any context. Returns the buffer. */
    @CName("format_dev_t")
    long formatDevT(long buffer, int dev);

    // ---- cdevs ----

    /** Allocates a cdev, which cdev_del frees. Task context; may sleep. Returns 0 without memory. */
    @CName("cdev_alloc")
    long cdevAlloc();

    /**
     * Initialises a cdev in {@link CdevLayout#SIZE} bytes. Any context.
     *
     * @param operations text address of {@link FileOperations}
     */
    @CName("cdev_init")
    void cdevInit(long cdev, long operations);

    /**
     * Makes a device live: its files can be opened before the call returns. {@link FileLayout#DATA} of a file is the
     * cdev's address. Task context.
     *
     * @param dev the first of the numbers, which the driver has taken before
     * @return 0, or -EINVAL if it is no number
     */
    @CName("cdev_add")
    int cdevAdd(long cdev, int dev, int count);

    /** Ends a device; open files stay open. Task context. */
    @CName("cdev_del")
    void cdevDel(long cdev);

    // ---- classes ----

    /** Makes a class of devices. Task context; may sleep. Returns 0 if the name is taken, or without memory. */
    @CName("class_create")
    long classCreate(String name);

    /** Ends a class, after its devices. Task context; may sleep. */
    @CName("class_destroy")
    void classDestroy(long cls);

    /**
     * Adds a device to a class, and the file {@code /dev/NAME} if it has a number. Task context; may sleep.
     *
     * @param parent     the {@code struct device} that it belongs to, or 0
     * @param dev        its number, or 0
     * @param driverData for dev_get_drvdata
     * @return the device; 0 if the class or {@code /dev} has the name already, or without memory
     */
    @CName("device_create")
    long deviceCreate(long cls, long parent, int dev, long driverData, String name);

    /** Removes the device of a class with a number, and its file; open files stay open. Task context; may sleep. */
    @CName("device_destroy")
    void deviceDestroy(long cls, int dev);

    /** Removes a device that device_create made, and its file. Task context; may sleep. */
    @CName("device_unregister")
    void deviceUnregister(long device);

    /** Returns the driver's word of a device that device_create made. Any context. */
    @CName("dev_get_drvdata")
    long devGetDrvdata(long device);

    /** Sets the driver's word of a device that device_create made. Any context. */
    @CName("dev_set_drvdata")
    void devSetDrvdata(long device, long data);

    // ---- misc devices ----

    /**
     * Makes a misc device, and {@code /dev/NAME}, of {@link MiscDeviceLayout#SIZE} zeroed bytes in which the driver has
     * set minor, fops and name. {@link FileLayout#DATA} of a file is their address. Task context; may sleep.
     *
     * @return 0, -EBUSY if the minor number is taken, or -EEXIST if the name is
     */
    @CName("misc_register")
    int miscRegister(long misc);

    /** Ends a misc device; open files stay open. Task context; may sleep. */
    @CName("misc_deregister")
    void miscDeregister(long misc);

    /** Fills memory with random bytes, the same ones in each run of a seed. Any context. */
    @CName("get_random_bytes")
    void getRandomBytes(long to, int bytes);
}
