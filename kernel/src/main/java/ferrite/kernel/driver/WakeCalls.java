package ferrite.kernel.driver;

import ferrite.kernel.base.DriverApi;

/** Wake-ups of tasks in interruptible sleeps (LDD3 pages 150 and 159). Tasks in other sleeps stay on the queue. */
@DriverApi
public interface WakeCalls {

    /** Wakes as wake_up, but only tasks in interruptible sleeps. Any context. */
    @CName("wake_up_interruptible")
    void wakeUpInterruptible(long queue);

    /** Wakes as wake_up_nr, but only tasks in interruptible sleeps. Any context. */
    @CName("wake_up_interruptible_nr")
    void wakeUpInterruptibleNr(long queue, int exclusive);

    /** Wakes as wake_up_all, but only tasks in interruptible sleeps. Any context. */
    @CName("wake_up_interruptible_all")
    void wakeUpInterruptibleAll(long queue);

    /** Wakes as wake_up. No task is preempted for it, here as in every wake-up. Any context. */
    @CName("wake_up_sync")
    void wakeUpSync(long queue);

    /** Wakes as wake_up_interruptible. No task is preempted for it, here as in every wake-up. Any context. */
    @CName("wake_up_interruptible_sync")
    void wakeUpInterruptibleSync(long queue);
}
