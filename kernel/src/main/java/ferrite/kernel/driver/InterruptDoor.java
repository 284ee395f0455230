package ferrite.kernel.driver;

import ferrite.kernel.base.Plumbing;
import ferrite.kernel.base.ResourceTracker.Kind;
import ferrite.kernel.check.Rule;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.irq.Interrupts;
import ferrite.kernel.irq.IrqProbe;
import ferrite.kernel.log.CallSite;
import ferrite.kernel.sched.Softirq;
import ferrite.kernel.sched.Tasklet;
import ferrite.kernel.sched.TaskletLayout;
import ferrite.kernel.shadow.Armed;
import java.util.HashMap;
import java.util.Map;

/** The calls for interrupts, softirqs and tasklets. */
@Plumbing
abstract class InterruptDoor extends TimeDoor implements InterruptCalls {

    final Softirq softirqs;
    private final Interrupts interrupts;
    private final IrqProbe probe;
    private final Tasklet tasklets;
    /** The code that requested each handler, by the address of the handler's record. */
    private final Map<Long, CallSite.Caller> irqOwners = new HashMap<>();

    InterruptDoor(KernelBase base, Subsystems subsystems) {
        super(base, subsystems);
        this.softirqs = tasks.softirqs();
        this.tasklets = tasks.tasklets();
        this.interrupts = subsystems.interrupts();
        this.probe = new IrqProbe(interrupts, sleep);
    }

    @Override public int requestIrq(int irq, long handler, int flags, String name, long devId) {
        return requested(interrupts.request(irq, handler, 0, flags, name, devId), irq, devId);
    }
    @Override public int requestThreadedIrq(int irq, long handler, long threadFn, int flags, String name, long devId) {
        return requested(interrupts.request(irq, handler, threadFn, flags, name, devId), irq, devId);
    }

    private int requested(int result, int irq, long devId) {
        long action = result == 0 ? interrupts.action(irq, devId) : 0;
        took(Kind.INTERRUPT, action, irq);
        if (action != 0 && base.violations().checks(Rule.IRQ_BAD_FREE)) {
            irqOwners.put(action, CallSite.caller());
        }
        return result;
    }

    @Override public void freeIrq(int irq, long devId) {
        long action = interrupts.action(irq, devId);
        CallSite.Caller owner = irqOwners.remove(action);
        if (action == 0) {
            owner = irqOwners.get(interrupts.firstAction(irq));
        }
        boolean anothers = owner != null && !owner.code().equals(CallSite.caller().code());
        if (anothers) {
            base.violations().of(Rule.IRQ_BAD_FREE, "free_irq of interrupt " + irq
                    + ", which another driver requested at " + owner.line())
                    .line("why", "the other driver's device is not served any more")
                    .line("instead", Rule.IRQ_BAD_FREE.right()).number("irq", irq)
                    .text("requested_at", owner.line()).report();
        }
        if (action != 0 || !anothers) {
            interrupts.freeIrq(irq, devId);
            gaveBack(Kind.INTERRUPT, action);
        }
    }

    /** Removes a handler that the kernel manages, unless the driver has removed it by itself. Task context. */
    final void releaseIrq(int irq, long devId) {
        long action = interrupts.action(irq, devId);
        if (action == 0) {
            base.violations().of(Rule.IRQ_BAD_FREE, "interrupt " + irq + " is managed, and was freed before the kernel "
                    + "frees it").line("why", "free_irq does not tell the kernel to forget what devm_request_irq noted")
                    .line("instead", Rule.IRQ_BAD_FREE.right()).number("irq", irq).report();
        } else {
            irqOwners.remove(action);
            interrupts.freeIrq(irq, devId);
            gaveBack(Kind.INTERRUPT, action);
        }
    }

    @Override public void synchronizeIrq(int irq) { interrupts.synchronizeIrq(irq); }
    @Override public void disableIrq(int irq) { interrupts.disable(irq); }
    @Override public void disableIrqNosync(int irq) { interrupts.disableNosync(irq); }
    @Override public void enableIrq(int irq) { interrupts.enable(irq); }
    @Override public boolean inInterrupt() { return base.context().inInterrupt(); }
    @Override public boolean inHardirq() { return base.context().inHardirq(); }
    @Override public boolean inServingSoftirq() { return base.context().isServingSoftirq(); }
    @Override public int probeIrqOn() { return probe.on(); }
    @Override public int probeIrqOff(int watched) { return probe.off(watched); }
    @Override public boolean canRequestIrq(int irq, int flags) { return interrupts.canRequest(irq, flags); }
    @Override public boolean inSoftirq() { return base.context().inSoftirq(); }
    @Override public void localBhDisable() { softirqs.disable("local_bh_disable"); }
    @Override public void localBhEnable() { softirqs.enable("local_bh_enable"); }

    // ---- tasklets ----

    private long checkedTasklet(long tasklet) {
        requireWritten(tasklet, TaskletLayout.SIZE, 0);
        return used(tasklet, TaskletLayout.SIZE);
    }

    @Override public void taskletInit(long tasklet, long function, long data) {
        tasklets.init(used(tasklet, TaskletLayout.SIZE), function, data);
    }
    @Override public void taskletSchedule(long tasklet) {
        base.states().armed().set(Armed.Kind.TASKLET, checkedTasklet(tasklet));
        tasklets.schedule(tasklet);
    }
    @Override public void taskletHiSchedule(long tasklet) {
        base.states().armed().set(Armed.Kind.TASKLET, checkedTasklet(tasklet));
        tasklets.scheduleHi(tasklet);
    }
    @Override public void taskletDisable(long tasklet) { tasklets.disable(checkedTasklet(tasklet)); }
    @Override public void taskletDisableNosync(long tasklet) { tasklets.disableNosync(checkedTasklet(tasklet)); }
    @Override public void taskletEnable(long tasklet) { tasklets.enable(checkedTasklet(tasklet)); }
    @Override public void taskletKill(long tasklet) { tasklets.kill(checkedTasklet(tasklet)); }
}
