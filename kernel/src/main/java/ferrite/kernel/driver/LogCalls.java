package ferrite.kernel.driver;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.log.KernLevels;
import ferrite.kernel.log.RateLimitLayout;

/** The kernel log (LDD3 chapter 4). {@code dmesg} shows it; the console gets messages that are urgent enough. */
@DriverApi
public interface LogCalls {

    /**
     * Logs a message (LDD3 page 75). It may begin with a level of {@link KernLevels}; without one it has {@link
     * KernLevels#KERN_WARNING}. Each of its lines becomes one of the log. Any context.
     */
    @CName("printk")
    void printk(String message);

    /** Logs an error. Any context. */
    @CName("pr_err")
    void prErr(String message);

    /** Logs a warning. Any context. */
    @CName("pr_warn")
    void prWarn(String message);

    /** Logs a normal event that is worth a note. Any context. */
    @CName("pr_notice")
    void prNotice(String message);

    /** Logs information. Any context. */
    @CName("pr_info")
    void prInfo(String message);

    /** Logs a message for debugging, as if {@code DEBUG} were defined. Any context. */
    @CName("pr_debug")
    void prDebug(String message);

    /**
     * Logs an error of a device, after the names of its driver and of the device. Any context.
     *
     * @param dev see {@link Device#dev}
     */
    @CName("dev_err")
    void devErr(long dev, String message);

    /** Logs a warning about a device, see {@link #devErr}. Any context. */
    @CName("dev_warn")
    void devWarn(long dev, String message);

    /** Logs a normal event that is worth a note, see {@link #devErr}. Any context. */
    @CName("dev_notice")
    void devNotice(long dev, String message);

    /** Logs information about a device, see {@link #devErr}. Any context. */
    @CName("dev_info")
    void devInfo(long dev, String message);

    /** Logs a message for debugging, see {@link #devErr} and {@link #prDebug}. Any context. */
    @CName("dev_dbg")
    void devDbg(long dev, String message);

    /**
     * Tells of a failed step of a probe. For -EPROBE_DEFER, which is no failure, the message is kept as the reason in
     * {@code /sys/kernel/debug/devices_deferred}; otherwise it is as {@link #devErr}'s, with the error. Any context.
     *
     * @param error a negative {@link ferrite.kernel.base.Errno}
     * @return the error, for {@code return devErrProbe(...)}
     */
    @CName("dev_err_probe")
    int devErrProbe(long dev, int error, String message);

    /**
     * Counts a message that may be frequent (LDD3 page 79). All callers together may log 10 messages in 5 seconds. The
     * first call after that time logs how many messages were suppressed. Any context.
     *
     * @return whether the caller may log the message
     */
    @CName("printk_ratelimit")
    boolean printkRatelimit();

    /**
     * Logs a message, unless the calling line has logged 10 of them in 5 seconds, see {@link #printkRatelimit}. Each
     * line of source has a limit of its own. Any context.
     */
    @CName("printk_ratelimited")
    void printkRatelimited(String message);

    /**
     * Initializes a limit of the driver's own, for {@link #__ratelimit}. Any context.
     *
     * @param state    {@link RateLimitLayout#SIZE} bytes, which the driver owns
     * @param interval in ticks; 0 for no limit
     * @param burst    the number of messages that an interval may have
     */
    @CName("ratelimit_state_init")
    void ratelimitStateInit(long state, long interval, int burst);

    /** Counts a message, see {@link #printkRatelimit}. Returns whether the caller may log it. Any context. */
    @CName("__ratelimit")
    boolean __ratelimit(long state);
}
