package ferrite.kernel;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.dma.DmaAddress;
import ferrite.kernel.dma.DmaDirection;
import ferrite.kernel.driver.Device;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.irq.IrqHandler;
import ferrite.kernel.irq.IrqReturn;
import ferrite.kernel.sched.HrTimerFunction;
import ferrite.kernel.sched.HrTimerLayout;
import ferrite.kernel.sched.TaskEntry;
import ferrite.kernel.sched.TaskletLayout;
import ferrite.kernel.sched.TimerFunction;
import ferrite.kernel.sched.TimerLayout;
import ferrite.kernel.sched.WaitQueueLayout;
import ferrite.kernel.work.DelayedWorkLayout;
import ferrite.kernel.work.WorkFunction;
import java.util.List;
import java.util.function.Supplier;

/**
 * A driver that keeps a machine busy and obeys law 1: its tasks keep all state in RAM and sleep at their restart
 * points, so that another kernel object may take over whenever they sleep. Each timer interrupt sets the next one, and
 * gives every worker a job from the worker's own random numbers: memory, children, locks, the log, mappings and blocks
 * for a device.
 */
final class WorkDriver implements Driver {

    private static final int WORKERS = 5;
    private static final int INTERRUPTS = 60;

    /** The state that all workers share. */
    private static final int QUEUE = 0;
    private static final int COUNT = WaitQueueLayout.SIZE;
    private static final int REGISTERS = COUNT + 4;
    private static final int LOCK = COUNT + 8;
    private static final int SUM = COUNT + 12;
    private static final int DEV = COUNT + 16;
    private static final int POOL = COUNT + 20;
    /** What the interrupt leaves for later: each sets the next, and adds to the sum. */
    private static final int TASKLET = COUNT + 24;
    private static final int DELAYED = TASKLET + TaskletLayout.SIZE;
    private static final int TIMER = DELAYED + DelayedWorkLayout.SIZE;
    private static final int HRTIMER = TIMER + TimerLayout.SIZE;
    private static final int SHARED_BYTES = HRTIMER + HrTimerLayout.SIZE;

    /** The state of one worker. */
    private static final int SHARED = 0;
    private static final int SEEN = 4;
    private static final int RANDOM = 8;
    private static final int CHILD = 12;
    private static final int HELD = 16;
    private static final int HELD_PAGES = 20;
    /** A page and its mapping, which outlive many kernel objects; a block of the pool, and its bus address. */
    private static final int MAPPED = 24;
    private static final int MAPPED_DMA = 28;
    private static final int BLOCK = 32;
    private static final int BLOCK_DMA = 36;
    private static final int WORKER_BYTES = 40;
    private static final int MASK_BITS = 24;

    private final Supplier<Kernel> inside;
    private KernelCalls kernel;
    private KernelMemory memory;
    private long handler;
    private long worker;
    private long child;
    private long tasklet;
    private long delayed;
    private long timer;
    private long hrtimer;

    WorkDriver(Supplier<Kernel> inside) {
        this.inside = inside;
    }

    @Override
    public String name() {
        return "work";
    }

    @Override
    public List<String> compatible() {
        return List.of("ferrite,test-timer");
    }

    @Override
    public void link(KernelCalls newKernel, TextTable.Module text) {
        kernel = newKernel;
        memory = newKernel.memory();
        handler = text.add("work_handler", (IrqHandler) this::handle);
        worker = text.add("work_worker", (TaskEntry) this::work);
        child = text.add("work_child", (TaskEntry) this::beChild);
        tasklet = text.add("work_tasklet", (TimerFunction) this::inTasklet);
        delayed = text.add("work_delayed", (WorkFunction) this::inWork);
        timer = text.add("work_timer", (TimerFunction) this::inTimer);
        hrtimer = text.add("work_hrtimer", (HrTimerFunction) this::inHrtimer);
    }

    @Override
    public int probe(Device device) {
        long shared = kernel.kzalloc(SHARED_BYTES, Gfp.GFP_KERNEL);
        kernel.initWaitqueueHead(shared + QUEUE);
        memory.storeAddress(shared + REGISTERS,
                kernel.ioremap(device.registers().address(), device.registers().size()));
        kernel.dmaSetMaskAndCoherent(device.dev(), DmaAddress.bitMask(MASK_BITS));
        memory.storeAddress(shared + DEV, device.dev());
        memory.storeAddress(shared + POOL, kernel.dmaPoolCreate("work", device.dev(), 48, 16, 256));
        kernel.taskletInit(shared + TASKLET, tasklet, shared);
        kernel.initDelayedWork(shared + DELAYED, delayed);
        kernel.setupTimer(shared + TIMER, timer, shared);
        kernel.hrtimerInit(shared + HRTIMER, hrtimer);
        for (int i = 0; i < WORKERS; i++) {
            long one = kernel.kzalloc(WORKER_BYTES, Gfp.GFP_KERNEL);
            memory.storeAddress(one + SHARED, shared);
            memory.store32(one + RANDOM, i + 1);
            kernel.kthreadRun("worker-" + i, worker, one);
        }
        return kernel.requestIrq(device.irq(), handler, 0, "work", shared);
    }

    @Override
    public void remove(Device device) { }

    private IrqReturn handle(int irq, long shared) {
        long registers = memory.loadAddress(shared + REGISTERS);
        memory.store32(registers + TestDevice.STATUS, 0);
        int count = memory.load32(shared + COUNT) + 1;
        memory.store32(shared + COUNT, count);
        if (count < INTERRUPTS) {
            memory.store32(registers + TestDevice.DELAY, 100 + 60_000 * (count % 3));
        }
        kernel.wakeUpAll(shared + QUEUE);
        kernel.taskletSchedule(shared + TASKLET);
        return IrqReturn.IRQ_HANDLED;
    }

    private void inTasklet(long shared) {
        addUp(shared, 1);
        kernel.scheduleDelayedWork(shared + DELAYED, memory.load32(shared + COUNT) % 3);
    }

    private void inWork(long work) {
        addUp(work - DELAYED, 2);
        kernel.modTimer(work - DELAYED + TIMER, kernel.jiffies() + 1);
    }

    private void inTimer(long shared) {
        addUp(shared, 3);
        kernel.hrtimerStart(shared + HRTIMER, 12_345, KernelCalls.HRTIMER_MODE_REL);
    }

    private boolean inHrtimer(long at) {
        addUp(at - HRTIMER, 4);
        return false;
    }

    private int work(long me) {
        long shared = memory.loadAddress(me + SHARED);
        long mine = memory.loadAddress(me + CHILD);
        if (mine != 0) {
            return awaitChild(me, shared, mine);
        }
        int seen = memory.load32(me + SEEN);
        if (memory.load32(shared + COUNT) == seen) {
            kernel.prepareToWait(shared + QUEUE);
            if (memory.load32(shared + COUNT) != seen) {
                kernel.finishWait(shared + QUEUE);
            }
            return TaskEntry.AGAIN;
        }
        memory.store32(me + SEEN, memory.load32(shared + COUNT));
        doSomething(me, shared);
        return TaskEntry.AGAIN;
    }

    private int awaitChild(long me, long shared, long mine) {
        int code = inside.get().tasks().tasks().reap(mine);
        if (code >= 0) {
            memory.storeAddress(me + CHILD, 0);
            addUp(shared, code);
            return TaskEntry.AGAIN;
        }
        kernel.prepareToWait(inside.get().tasks().tasks().exitWait());
        if (inside.get().tasks().tasks().isDead(mine)) {
            kernel.finishWait(inside.get().tasks().tasks().exitWait());
        }
        return TaskEntry.AGAIN;
    }

    private void addUp(long shared, int value) {
        int flags = kernel.spinLockIrqsave(shared + LOCK);
        kernel.onStack(4, sum -> {
            memory.store32(sum, memory.load32(shared + SUM) * 31 + value);
            memory.store32(shared + SUM, memory.load32(sum));
            return 0;
        });
        kernel.spinUnlockIrqrestore(shared + LOCK, flags);
    }

    private void doSomething(long me, long shared) {
        int number = random(me);
        switch (number % 7) {
            case 0 -> {
                kernel.kfree(memory.loadAddress(me + HELD));
                long held = kernel.kmalloc(1 + number % 900, Gfp.GFP_KERNEL);
                memory.fill(held, number, 1 + number % 900);
                memory.storeAddress(me + HELD, held);
            }
            case 1 -> {
                kernel.freePages(memory.loadAddress(me + HELD_PAGES), 1);
                memory.storeAddress(me + HELD_PAGES,
                        kernel.__getFreePages(number % 2 == 0 ? Gfp.GFP_KERNEL : Gfp.GFP_DMA, 1));
            }
            case 2 -> memory.storeAddress(me + CHILD, kernel.kthreadRun("child-" + number % 7, child, number & 0xff));
            case 3 -> kernel.printk("worker has drawn " + number);
            case 4 -> mapOrUnmap(me, shared, number);
            case 5 -> takeOrGiveBack(me, shared, number);
            default -> addUp(shared, number);
        }
    }

    /** Maps pages: the device reaches half of them, and half are bounced. */
    private void mapOrUnmap(long me, long shared, int number) {
        long dev = memory.loadAddress(shared + DEV);
        long page = memory.loadAddress(me + MAPPED);
        if (page != 0) {
            kernel.dmaUnmapSingle(dev, memory.loadAddress(me + MAPPED_DMA), 4096, DmaDirection.DMA_FROM_DEVICE);
            addUp(shared, memory.load32(page + 8));
            kernel.freePage(page);
            memory.storeAddress(me + MAPPED, 0);
            return;
        }
        long fresh = kernel.__getFreePage(number % 2 == 0 ? Gfp.GFP_KERNEL : Gfp.GFP_KERNEL | Gfp.GFP_DMA);
        memory.fill(fresh, number, 4096);
        long handle = kernel.dmaMapSingle(dev, fresh, 4096, DmaDirection.DMA_FROM_DEVICE);
        if (kernel.dmaMappingError(dev, handle) != 0) {
            kernel.freePage(fresh);
            return;
        }
        memory.storeAddress(me + MAPPED_DMA, handle);
        memory.storeAddress(me + MAPPED, fresh);
    }

    private void takeOrGiveBack(long me, long shared, int number) {
        long block = memory.loadAddress(me + BLOCK);
        if (block != 0) {
            addUp(shared, memory.load32(block));
            kernel.dmaPoolFree(memory.loadAddress(shared + POOL), block, memory.loadAddress(me + BLOCK_DMA));
            memory.storeAddress(me + BLOCK, 0);
            return;
        }
        long fresh = kernel.dmaPoolAlloc(memory.loadAddress(shared + POOL), Gfp.GFP_KERNEL, me + BLOCK_DMA);
        memory.store32(fresh, number);
        memory.storeAddress(me + BLOCK, fresh);
    }

    private int beChild(long argument) {
        for (int i = 0; i < 10 * argument; i++) {
            kernel.getCycles();
        }
        return (int) argument;
    }

    private int random(long me) {
        int next = memory.load32(me + RANDOM) * 1_103_515_245 + 12_345;
        memory.store32(me + RANDOM, next);
        return next >>> 8;
    }
}
