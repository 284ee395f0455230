package ferrite.peripherals.rtc;

import static ferrite.peripherals.rtc.RtcLayout.ALARM;
import static ferrite.peripherals.rtc.RtcLayout.ALARMS;
import static ferrite.peripherals.rtc.RtcLayout.ARMED;
import static ferrite.peripherals.rtc.RtcLayout.GONE;
import static ferrite.peripherals.rtc.RtcLayout.LOCK;
import static ferrite.peripherals.rtc.RtcLayout.REGISTERS;
import static ferrite.peripherals.rtc.RtcLayout.WAIT;
import static ferrite.peripherals.rtc.RtcLayout.WATCHDOG;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.driver.Device;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.fs.Fcntl;
import ferrite.kernel.fs.FileLayout;
import ferrite.kernel.fs.FileOperations;
import ferrite.kernel.fs.PollEvents;
import ferrite.kernel.irq.IrqHandler;
import ferrite.kernel.irq.IrqReturn;
import ferrite.kernel.sched.TimerFunction;
import java.util.List;
import java.util.function.LongSupplier;

/** {@code rtc}: /dev/rtc0, with its date and its alarm in whole seconds. A read waits for the alarm. */
public final class RtcDriver implements Driver, FileOperations {

    private static final long NANOSECONDS = 1_000_000_000L;
    private static final int WORD = 4;
    private static final int MILLISECONDS = 1000;
    private static final int PATIENCE_SECONDS = 2;
    private static final int MAX_WATCH_SECONDS = 3600;
    /** The registers of a clock that was pulled out. */
    private static final int ALL_ONES = -1;

    private KernelCalls kernel;
    private KernelMemory memory;
    private long interrupt;
    private long operations;
    private long watchdog;

    @Override
    public String name() {
        return "rtc";
    }

    @Override
    public boolean suppressBindAttrs() {
        return true;
    }

    @Override
    public List<String> compatible() {
        return List.of(Rtc.COMPATIBLE);
    }

    @Override
    public List<Struct> structs() {
        return List.of(RtcLayout.STRUCT, RtcTimeLayout.STRUCT);
    }

    @Override
    public void link(KernelCalls theKernel, TextTable.Module text) {
        kernel = theKernel;
        memory = theKernel.memory();
        interrupt = text.add("rtc_interrupt", (IrqHandler) this::handleInterrupt);
        operations = text.add("rtc_operations", this);
        watchdog = text.add("rtc_watchdog", (TimerFunction) this::watch);
    }

    @Override
    public int probe(Device device) {
        long dev = device.dev();
        long rtc = kernel.devmKzalloc(dev, RtcLayout.SIZE, Gfp.GFP_KERNEL);
        long registers = rtc == 0 ? 0 : kernel.devmPlatformIoremapResource(dev, 0);
        if (registers == 0) {
            return rtc == 0 ? -Errno.ENOMEM : -Errno.EBUSY;
        }
        REGISTERS.set(memory, rtc, registers);
        kernel.spinLockInit(LOCK.at(rtc));
        kernel.initWaitqueueHead(WAIT.at(rtc));
        kernel.setupTimer(WATCHDOG.at(rtc), watchdog, rtc);
        int result = kernel.devmRequestIrq(dev, device.irq(), interrupt, 0, name(), rtc);
        if (result == 0) {
            device.setDriverData(rtc);
            result = kernel.cdevAdd("rtc0", operations, rtc);
        }
        return result;
    }

    @Override
    public void remove(Device device) {
        kernel.cdevDel("rtc0");
        disableAlarm(device.driverData());
        kernel.delTimerSync(WATCHDOG.at(device.driverData()));
    }

    private int read(long rtc, int register) {
        return kernel.readl(REGISTERS.get(memory, rtc) + register);
    }

    private void write(long rtc, int register, int value) {
        kernel.writel(value, REGISTERS.get(memory, rtc) + register);
    }

    private long locked(long rtc, LongSupplier body) {
        int flags = kernel.spinLockIrqsave(LOCK.at(rtc));
        long result = body.getAsLong();
        kernel.spinUnlockIrqrestore(LOCK.at(rtc), flags);
        return result;
    }

    /** Returns the seconds since 1970, or -ENODEV. */
    private long seconds(long rtc) {
        return locked(rtc, () -> now(rtc));
    }

    /** Returns the seconds since 1970, or -ENODEV. The lock is held. */
    private long now(long rtc) {
        int low = read(rtc, RtcRegisters.TIME_LOW);
        int high = read(rtc, RtcRegisters.TIME_HIGH);
        if ((low & high) == ALL_ONES && isGone(rtc)) {
            return -Errno.ENODEV;
        }
        return (low & 0xffff_ffffL | (long) high << 32) / NANOSECONDS;
    }

    /** Tells whether the clock was pulled out. Then no alarm is to come, and waits end. The lock is held. */
    private boolean isGone(long rtc) {
        if (GONE.get(memory, rtc) == 0 && read(rtc, RtcRegisters.ALARM_STATUS) == ALL_ONES) {
            GONE.set(memory, rtc, 1);
            ARMED.set(memory, rtc, 0);
            kernel.delTimer(WATCHDOG.at(rtc));
            kernel.wakeUpInterruptible(WAIT.at(rtc));
            kernel.prErr("rtc0: the clock is gone");
        }
        return GONE.get(memory, rtc) != 0;
    }

    private int presence(long rtc) {
        return GONE.get(memory, rtc) != 0 ? -Errno.ENODEV : 0;
    }

    // ---- the alarm ----

    private IrqReturn handleInterrupt(int irq, long rtc) {
        kernel.spinLock(LOCK.at(rtc));
        write(rtc, RtcRegisters.CLEAR_INTERRUPT, 1);
        boolean rang = takeAlarm(rtc);
        kernel.spinUnlock(LOCK.at(rtc));
        if (rang) {
            kernel.wakeUpInterruptible(WAIT.at(rtc));
        }
        return rang ? IrqReturn.IRQ_HANDLED : IrqReturn.IRQ_NONE;
    }

    /** Counts the alarm if it is over. The lock is held. */
    private boolean takeAlarm(long rtc) {
        boolean rang = ARMED.get(memory, rtc) != 0 && read(rtc, RtcRegisters.ALARM_STATUS) == 0;
        if (rang) {
            ARMED.set(memory, rtc, 0);
            ALARMS.add(memory, rtc, 1);
            kernel.delTimer(WATCHDOG.at(rtc));
        }
        return rang;
    }

    /** Looks for an alarm without its interrupt, and for the clock, while an alarm is to come. A softirq calls it. */
    private void watch(long rtc) {
        boolean rang = locked(rtc, () -> {
            boolean over = takeAlarm(rtc);
            if (ARMED.get(memory, rtc) != 0) {
                armWatchdog(rtc);
            }
            return over ? 1 : 0;
        }) != 0;
        if (rang) {
            kernel.prWarn("rtc0: an interrupt was lost");
            kernel.wakeUpInterruptible(WAIT.at(rtc));
        }
    }

    /** Sets the watchdog to two seconds after the alarm, or after now. The time may be set meanwhile. */
    private void armWatchdog(long rtc) {
        long now = now(rtc);
        if (now < 0) {
            return;
        }
        long left = Math.max(0, (ALARM.get(memory, rtc) & 0xffff_ffffL) - now);
        kernel.modTimer(WATCHDOG.at(rtc), kernel.jiffies() + (int) Math.min(left + PATIENCE_SECONDS, MAX_WATCH_SECONDS)
                * kernel.msecsToJiffies(MILLISECONDS));
    }

    /** Sets the chip's alarm to the second that the driver keeps, and lets it interrupt. */
    private int enableAlarm(long rtc) {
        locked(rtc, () -> {
            long time = (ALARM.get(memory, rtc) & 0xffff_ffffL) * NANOSECONDS;
            write(rtc, RtcRegisters.ALARM_HIGH, (int) (time >>> 32));
            write(rtc, RtcRegisters.ALARM_LOW, (int) time);
            ARMED.set(memory, rtc, 1);
            armWatchdog(rtc);
            write(rtc, RtcRegisters.IRQ_ENABLED, 1);
            return 0;
        });
        return presence(rtc);
    }

    private int disableAlarm(long rtc) {
        locked(rtc, () -> {
            write(rtc, RtcRegisters.IRQ_ENABLED, 0);
            write(rtc, RtcRegisters.CLEAR_ALARM, 1);
            write(rtc, RtcRegisters.CLEAR_INTERRUPT, 1);
            ARMED.set(memory, rtc, 0);
            kernel.delTimer(WATCHDOG.at(rtc));
            return 0;
        });
        return 0;
    }

    // ---- the file ----

    @Override
    public int open(long file) {
        return presence(FileLayout.DATA.get(memory, file));
    }

    @Override
    public int read(long file, long to, int count, long position) {
        long rtc = FileLayout.DATA.get(memory, file);
        if (count < WORD) {
            return -Errno.EINVAL;
        }
        boolean waits = (FileLayout.FLAGS.get(memory, file) & Fcntl.O_NONBLOCK) == 0;
        int alarms = takeAlarms(rtc);
        while (alarms == 0) {                          // another reader may have been faster
            int result = presence(rtc);
            if (result == 0) {
                result = waits ? kernel.waitEventInterruptible(WAIT.at(rtc),
                        () -> ALARMS.get(memory, rtc) != 0 || GONE.get(memory, rtc) != 0) : -Errno.EAGAIN;
            }
            if (result < 0) {
                return result;
            }
            alarms = takeAlarms(rtc);
        }
        return kernel.putUser(alarms << 8 | RtcLayout.RTC_IRQF | RtcLayout.RTC_AF, to) < 0 ? -Errno.EFAULT : WORD;
    }

    /** Returns the alarms that have rung and that no program has read. They are this reader's now. */
    private int takeAlarms(long rtc) {
        return (int) locked(rtc, () -> {
            int rung = ALARMS.get(memory, rtc);
            ALARMS.set(memory, rtc, 0);
            return rung;
        });
    }

    @Override
    public int poll(long file, long table) {
        long rtc = FileLayout.DATA.get(memory, file);
        kernel.pollWait(file, WAIT.at(rtc), table);
        int events = GONE.get(memory, rtc) != 0 ? PollEvents.EPOLLERR | PollEvents.EPOLLHUP : 0;
        return events | (ALARMS.get(memory, rtc) != 0 ? PollEvents.EPOLLIN | PollEvents.EPOLLRDNORM : 0);
    }

    @Override
    public int ioctl(long file, int command, long argument) {
        long rtc = FileLayout.DATA.get(memory, file);
        if (GONE.get(memory, rtc) != 0) {
            return -Errno.ENODEV;
        }
        if (command == RtcLayout.RTC_RD_TIME) {
            long seconds = seconds(rtc);
            return seconds < 0 ? (int) seconds : tell(seconds, argument);
        }
        if (command == RtcLayout.RTC_ALM_READ) {
            return tell(ALARM.get(memory, rtc) & 0xffff_ffffL, argument);
        }
        if (command == RtcLayout.RTC_SET_TIME) {
            return setTime(rtc, argument);
        }
        if (command == RtcLayout.RTC_ALM_SET) {
            return setAlarm(rtc, argument);
        }
        return command == RtcLayout.RTC_AIE_ON ? enableAlarm(rtc)
                : command == RtcLayout.RTC_AIE_OFF ? disableAlarm(rtc) : -Errno.ENOTTY;
    }

    private int tell(long seconds, long argument) {
        return kernel.onStack(RtcTimeLayout.SIZE, time -> {
            RtcTimeLayout.set(memory, time, seconds);
            return kernel.copyToUser(argument, time, RtcTimeLayout.SIZE) == 0 ? 0 : -Errno.EFAULT;
        });
    }

    /** Returns the seconds of a program's date; -EFAULT, or -EINVAL if there is no such date from 1970 to 2106. */
    private long secondsOf(long argument) {
        long[] seconds = {0};
        int result = kernel.onStack(RtcTimeLayout.SIZE, time -> {
            if (kernel.copyFromUser(time, argument, RtcTimeLayout.SIZE) != 0) {
                return -Errno.EFAULT;
            }
            seconds[0] = RtcTimeLayout.isValid(memory, time) ? RtcTimeLayout.seconds(memory, time, kernel) : -1;
            return seconds[0] < 0 || seconds[0] > 0xffff_ffffL ? -Errno.EINVAL : 0;
        });
        return result < 0 ? result : seconds[0];
    }

    private int setTime(long rtc, long argument) {
        long seconds = secondsOf(argument);
        if (seconds < 0) {
            return (int) seconds;
        }
        return (int) locked(rtc, () -> {
            if (isGone(rtc)) {
                return -Errno.ENODEV;
            }
            write(rtc, RtcRegisters.TIME_HIGH, (int) (seconds * NANOSECONDS >>> 32));
            write(rtc, RtcRegisters.TIME_LOW, (int) (seconds * NANOSECONDS));
            return 0;
        });
    }

    /** Sets the time of the alarm: the next time of this hour, minute and second, as {@code RTC_ALM_SET} has it. */
    private int setAlarm(long rtc, long argument) {
        return kernel.onStack(RtcTimeLayout.SIZE, time -> {
            if (kernel.copyFromUser(time, argument, RtcTimeLayout.SIZE) != 0) {
                return -Errno.EFAULT;
            }
            long ofDay = RtcTimeLayout.secondOfDay(memory, time);
            if (ofDay < 0) {
                return -Errno.EINVAL;
            }
            long now = seconds(rtc);
            if (now < 0) {
                return (int) now;
            }
            long today = now - now % RtcTimeLayout.DAY + ofDay;
            ALARM.set(memory, rtc, (int) (today > now ? today : today + RtcTimeLayout.DAY));
            return 0;
        });
    }
}
