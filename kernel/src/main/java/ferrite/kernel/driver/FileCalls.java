package ferrite.kernel.driver;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.base.PowerOff;
import ferrite.kernel.base.Signal;
import ferrite.kernel.fs.Fcntl;
import ferrite.kernel.fs.Terminal;

/**
 * Operations of files (LDD3 chapters 3 and 6), and calls for drivers of consoles and finishers.
 */
@DriverApi
public interface FileCalls {

    /**
     * Sets a file's position, as files without an {@code llseek} operation do (LDD3 page 163). Task context.
     *
     * @param whence {@link Fcntl#SEEK_SET}, {@link Fcntl#SEEK_CUR} or {@link Fcntl#SEEK_END}, which counts from the
     *               file's size
     * @return the new position, or -EINVAL
     */
    @CName("default_llseek")
    long defaultLlseek(long file, long offset, int whence);

    /** Refuses to seek, with -ESPIPE, in an {@code llseek} operation (LDD3 page 164). Task context. */
    @CName("no_llseek")
    long noLlseek(long file, long offset, int whence);

    /** Leaves the position, and returns it, in an {@code llseek} operation. Task context. */
    @CName("noop_llseek")
    long noopLlseek(long file, long offset, int whence);

    /** Tells the kernel in an {@code open} operation that the file has no positions. Task context. Returns 0. */
    @CName("nonseekable_open")
    int nonseekableOpen(long file);

    /**
     * Adds a wait queue in a {@code poll} operation: its wake-ups end the sleep (LDD3 page 164). Task
     * context; may sleep. The queue must exist until the file is closed.
     *
     * @param table the operation's argument
     */
    @CName("poll_wait")
    void pollWait(long file, long queue, long table);

    /**
     * Adds a file to a device's list, or removes it: programs of listed files are sent SIGIO. In a {@code fasync}
     * operation (LDD3 page 171). Task context; may sleep.
     *
     * @param fapp address of the list's first word, which is 0 at first
     * @return 1 if the list has changed, 0 if not, or -ENOMEM
     */
    @CName("fasync_helper")
    int fasyncHelper(int descriptor, long file, boolean on, long fapp);

    /**
     * Sends a signal to the programs of a device's list (LDD3 page 171). Any context.
     *
     * @param fapp   address of the list's first word
     * @param signal {@link Signal#SIGIO}
     * @param band   {@link Signal#POLL_IN} or {@link Signal#POLL_OUT}, which programs do not see yet
     */
    @CName("kill_fasync")
    void killFasync(long fapp, int signal, int band);

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
