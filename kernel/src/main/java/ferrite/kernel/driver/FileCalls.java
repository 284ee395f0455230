package ferrite.kernel.driver;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.base.PowerOff;
import ferrite.kernel.fs.FileLayout;
import ferrite.kernel.fs.FileOperations;
import ferrite.kernel.fs.Terminal;

/** Character devices (LDD3 page 55), and the calls of a console's or a finisher's driver. */
@DriverApi
public interface FileCalls {

    /**
     * Makes {@code /dev/NAME}. Task context; may sleep.
     *
     * @param operations text address of {@link FileOperations}
     * @param data       stored in {@link FileLayout#DATA} of each file that is opened
     * @return 0, -EEXIST, or -ENOMEM
     */
    @CName("cdev_add")
    int cdevAdd(String name, long operations, long data);

    /** Removes {@code /dev/NAME}; open files stay open. Task context. */
    @CName("cdev_del")
    void cdevDel(String name);

    /**
     * Offers a console to the kernel's first task. Probe of a driver at boot.
     *
     * @param terminal text address of a {@link Terminal}
     * @param data     given to its methods
     */
    @CName("register_console")
    void registerConsole(long terminal, long data);

    /**
     * Offers a way to switch the machine off; 0 takes it back. Task context.
     *
     * @param powerOff text address of a {@link PowerOff}
     * @param data     given to it
     */
    @CName("register_power_off")
    void registerPowerOff(long powerOff, long data);
}
