package ferrite.kernel.driver;

import ferrite.hardware.clock.Clock;
import ferrite.hardware.report.Hex;
import ferrite.kernel.base.KernelBug;
import ferrite.kernel.base.Plumbing;
import ferrite.kernel.base.ResourceTracker.Kind;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.sched.HrTimer;
import ferrite.kernel.sched.HrTimerLayout;
import ferrite.kernel.sched.Jiffies;
import ferrite.kernel.sched.KernelTimer;
import ferrite.kernel.sched.Sleep;
import ferrite.kernel.sched.TaskSystem;
import ferrite.kernel.sched.TimerLayout;
import ferrite.kernel.sched.Timespec64;
import ferrite.kernel.shadow.Armed;

/** The calls for time, delays and timers. */
@Plumbing
abstract class TimeDoor extends PortDoor implements TimeCalls {

    /** Ticks of the clock. */
    private static final long MICROSECOND = Clock.TICKS_PER_MICROSECOND;
    private static final long MILLISECOND = 1000 * MICROSECOND;
    private static final int NANOSECONDS_PER_TICK = 10;

    final TaskSystem tasks;
    final Sleep sleep;
    private final KernelTimer timers;
    private final HrTimer hrTimers;

    TimeDoor(KernelBase base, Subsystems subsystems) {
        super(base, subsystems);
        this.tasks = subsystems.tasks();
        this.sleep = tasks.sleep();
        this.timers = tasks.timers();
        this.hrTimers = tasks.hrTimers();
    }

    private long checkedTimer(long timer) {
        requireWritten(timer, TimerLayout.SIZE, 0);
        return used(timer, TimerLayout.SIZE);
    }

    private static long ticks(long nanoseconds) {
        return (nanoseconds + NANOSECONDS_PER_TICK - 1) / NANOSECONDS_PER_TICK;
    }

    @Override public int jiffies() { return sleep.now(); }
    @Override public long getJiffies64() { return sleep.now64(); }
    @Override public int msecsToJiffies(int milliseconds) { return Jiffies.ofMilliseconds(milliseconds); }
    @Override public int usecsToJiffies(int microseconds) {
        return Jiffies.ofMicroseconds(Integer.toUnsignedLong(microseconds));
    }
    @Override public int jiffiesToMsecs(int jiffies) { return jiffies * (1000 / Jiffies.HZ); }
    @Override public int jiffiesToUsecs(int jiffies) { return jiffies * (1_000_000 / Jiffies.HZ); }
    @Override public boolean timeAfter(int a, int b) { return Jiffies.isAfter(a, b); }
    @Override public boolean timeBefore(int a, int b) { return Jiffies.isAfter(b, a); }
    @Override public boolean timeAfterEq(int a, int b) { return !Jiffies.isAfter(b, a); }
    @Override public boolean timeBeforeEq(int a, int b) { return !Jiffies.isAfter(a, b); }
    @Override public long getCycles() { return base.cpu().time(); }
    @Override public long schedClock() { return base.cpu().time() * NANOSECONDS_PER_TICK; }
    @Override public long ktimeGet() { return base.cpu().time() * NANOSECONDS_PER_TICK; }

    @Override public long jiffies64ToNsecs(long jiffies) { return Timespec64.ofJiffies(jiffies); }
    @Override public long jiffies64ToMsecs(long jiffies) { return jiffies * (1000 / Jiffies.HZ); }
    @Override public void jiffiesToTimespec64(int jiffies, long value) {
        Timespec64.setJiffies(memory, value, jiffies);
    }
    @Override public int timespec64ToJiffies(long value) { return Timespec64.jiffies(memory, value); }
    @Override public void ktimeGetRealTs64(long time) { Timespec64.set(memory, time, ktimeGet()); }
    @Override public void ktimeGetCoarseRealTs64(long time) {
        Timespec64.set(memory, time, Timespec64.atTick(ktimeGet()));
    }
    @Override public void ktimeGetTs64(long time) { Timespec64.set(memory, time, ktimeGet()); }
    @Override public long mktime64(int year, int month, int day, int hour, int minute, int second) {
        return Timespec64.mktime(year, month, day, hour, minute, second);
    }

    // ---- delays ----

    @Override public void ndelay(int nanoseconds) { sleep.delay(ticks(nanoseconds)); }
    @Override public void udelay(int microseconds) { sleep.delay(microseconds * MICROSECOND); }
    @Override public void mdelay(int milliseconds) { sleep.delay(milliseconds * MILLISECOND); }
    @Override public void msleep(int milliseconds) {
        sleep.timeout("msleep", sleep.ticks(msecsToJiffies(milliseconds) + 1), TaskLayout.UNINTERRUPTIBLE);
    }
    @Override public int msleepInterruptible(int milliseconds) {
        return jiffiesToMsecs(sleep.jiffies(sleep.timeout("msleep_interruptible",
                sleep.ticks(msecsToJiffies(milliseconds) + 1), TaskLayout.INTERRUPTIBLE)));
    }
    @Override public void ssleep(int seconds) { msleep(seconds * 1000); }
    @Override public void usleepRange(int min, int max) {
        sleep.timeout("usleep_range", min * MICROSECOND, TaskLayout.UNINTERRUPTIBLE);
    }
    @Override public int scheduleTimeout(int timeout) {
        long left = sleep.scheduleTimeout("schedule_timeout", sleep.ticks(timeout));
        return left == Sleep.FOREVER ? Jiffies.MAX_SCHEDULE_TIMEOUT : sleep.jiffies(left);
    }
    @Override public int scheduleTimeoutInterruptible(int timeout) {
        sleep.setState(TaskLayout.INTERRUPTIBLE);
        return scheduleTimeout(timeout);
    }
    @Override public int scheduleTimeoutUninterruptible(int timeout) {
        sleep.setState(TaskLayout.UNINTERRUPTIBLE);
        return scheduleTimeout(timeout);
    }

    // ---- timers ----

    @Override public void timerSetup(long timer, long function, int flags) {
        if (flags != 0) {
            throw new KernelBug("timer_setup with flags 0x" + Integer.toHexString(flags)
                    + "; timers have no flags here, so call it with 0");
        }
        setupTimer(timer, function, timer);
    }
    @Override public void setupTimer(long timer, long function, long data) {
        timers.setUp(used(timer, TimerLayout.SIZE), function, data);
    }
    @Override public void addTimer(long timer, int expires, long function, long data) {
        if (timers.isPending(checkedTimer(timer))) {
            throw new KernelBug("add_timer of the timer at " + Hex.grouped(timer)
                    + ", which is set already; call mod_timer");
        }
        timers.add(timer, expires, function, data);
        nowSet(Armed.Kind.TIMER, timer);
    }
    @Override public boolean modTimer(long timer, int expires) {
        boolean wasSet = timers.modify(checkedTimer(timer), expires);
        nowSet(Armed.Kind.TIMER, timer);
        return wasSet;
    }

    private void nowSet(Armed.Kind kind, long timer) {
        base.states().armed().set(kind, timer);
        gaveBack(Kind.TIMER, timer);
        took(Kind.TIMER, timer, 0);
    }

    @Override public boolean delTimer(long timer) {
        gaveBack(Kind.TIMER, timer);
        return timers.cancel(checkedTimer(timer));
    }
    @Override public boolean delTimerSync(long timer) {
        gaveBack(Kind.TIMER, timer);
        base.context().awaitsFunction(timer, "del_timer_sync", true);
        boolean wasSet = timers.delete(checkedTimer(timer));
        base.context().functionAwaited();
        return wasSet;
    }
    @Override public boolean timerPending(long timer) { return timers.isPending(checkedTimer(timer)); }
    @Override public void hrtimerInit(long timer, long function) {
        hrTimers.setUp(used(timer, HrTimerLayout.SIZE), function);
    }
    @Override public void hrtimerStart(long timer, long time, int mode) {
        long due = ticks(time) + (mode == HRTIMER_MODE_REL ? base.cpu().time() : 0);
        hrTimers.start(checkedTimer(timer), due);
        nowSet(Armed.Kind.HRTIMER, timer);
    }
    @Override public boolean hrtimerCancel(long timer) {
        gaveBack(Kind.TIMER, timer);
        base.context().awaitsFunction(timer, "hrtimer_cancel", true);
        boolean wasSet = hrTimers.cancel(checkedTimer(timer));
        base.context().functionAwaited();
        return wasSet;
    }
    @Override public int hrtimerTryToCancel(long timer) {
        int result = hrTimers.tryToCancel(checkedTimer(timer));
        if (result >= 0) {
            gaveBack(Kind.TIMER, timer);
        }
        return result;
    }
    @Override public boolean hrtimerActive(long timer) { return hrTimers.isActive(checkedTimer(timer)); }
    @Override public long hrtimerGetExpires(long timer) {
        return hrTimers.due(checkedTimer(timer)) * NANOSECONDS_PER_TICK;
    }
    @Override public long hrtimerForwardNow(long timer, long interval) {
        return hrTimers.forward(checkedTimer(timer), base.cpu().time(), ticks(interval));
    }
}
