package ferrite.kernel.dma;

import static ferrite.kernel.dma.DmaAsyncTxLayout.CHAN;
import static ferrite.kernel.dma.DmaAsyncTxLayout.COOKIE;
import static ferrite.kernel.dma.DmaAsyncTxLayout.NODE;
import static ferrite.kernel.dma.DmaAsyncTxLayout.STATE;
import static ferrite.kernel.dma.DmaEngineLayout.DATA;
import static ferrite.kernel.dma.DmaEngineLayout.DEV;
import static ferrite.kernel.dma.DmaEngineLayout.LOCK;
import static ferrite.kernel.dma.DmaEngineLayout.OPS;
import static ferrite.kernel.dma.DmaEngineLayout.USERS;

import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.core.Context;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.log.CallSite;
import ferrite.kernel.log.StringTable;
import ferrite.kernel.mm.Kmalloc;
import ferrite.kernel.mm.MemoryManager;
import ferrite.kernel.sched.TaskSystem;

/**
 * Copies of memory by a device (the {@code DMA_MEMCPY} part of Linux's dmaengine). The driver of a copy engine
 * registers it. Other drivers map their memory for the engine's device, and let it copy: by one call that sleeps until
 * the end, or by transfers of a channel of their own, which go on while the driver does something else.
 *
 * <pre>{@code
 * long dev = engine.dev();
 * long from = dma.dmaMapSingle(dev, source, bytes, DmaDirection.DMA_TO_DEVICE);
 * long to = dma.dmaMapSingle(dev, target, bytes, DmaDirection.DMA_FROM_DEVICE);     // and dma_mapping_error for both
 * int result = engine.memcpy(to, from, bytes);
 * … dma_unmap_single of both
 * }</pre>
 */
public final class DmaEngine {

    private static final int MAX_COPIES = 1 << 16;

    private final KernelMemory memory;
    private final Context context;
    private final SpinLock locks;
    private final StringTable strings;
    private final DmaClaims claims;
    private final TransferChecks checks;
    private final TransferQueue queue;
    private final TaskSystem tasks;
    private final Kmalloc kmalloc;
    private final ScatterList lists;
    private final boolean recordSites;
    private final long root;

    DmaEngine(KernelBase base, TaskSystem tasks, MemoryManager mm, DmaClaims claims, ScatterList lists) {
        this.claims = claims;
        this.checks = claims.transfers();
        this.memory = base.memory();
        this.context = base.context();
        this.locks = base.locks();
        this.strings = base.strings();
        this.tasks = tasks;
        this.kmalloc = mm.kmalloc();
        this.lists = lists;
        this.queue = new TransferQueue(base, tasks, kmalloc, checks);
        this.recordSites = base.recordsOwners();
        this.root = base.root();
    }

    /** Tells the checks of the transfers in flight, for a kernel that attaches. Only looks. */
    void attach(ReadableMemory view) {
        checks.attach(view);
    }

    // ---- the engine's driver ----

    /**
     * Registers a driver's copy engine. Task context.
     *
     * @param ops  text address of a {@link MemcpyEngine}
     * @param data the engine's word, passed to its methods
     * @return 0, -EBUSY if an engine is registered already, or -ENOMEM
     */
    public int register(long ops, long data) {
        if (RootLayout.DMA_DEVICE.get(memory, root) != 0) {
            return -Errno.EBUSY;
        }
        long engine = kmalloc.kzalloc(DmaEngineLayout.SIZE, Gfp.GFP_KERNEL);
        if (engine == 0) {
            return -Errno.ENOMEM;
        }
        queue.init(engine);
        OPS.set(memory, engine, ops);
        DATA.set(memory, engine, data);
        RootLayout.DMA_DEVICE.set(memory, root, engine);
        return 0;
    }

    /**
     * Unregisters the engine. Transfers of its channels are terminated; the channels stay, and do nothing. It waits for
     * the copies that other tasks await. May sleep.
     */
    public void unregister() {
        long engine = RootLayout.DMA_DEVICE.get(memory, root);
        if (engine == 0) {
            return;
        }
        for (long node : ListHead.nodes(memory, DmaEngineLayout.CHANNELS.at(engine), MAX_COPIES)) {
            queue.drain(engine, DmaChannelLayout.NODE.containerOf(node));
        }
        int flags = locks.lockIrqSave(LOCK.at(engine));
        while (USERS.get(memory, engine) != 0) {
            locks.unlockIrqRestore(LOCK.at(engine), flags);
            tasks.sleep().waitEvent(DmaEngineLayout.WAIT.at(engine), () -> USERS.get(memory, engine) == 0);
            flags = locks.lockIrqSave(LOCK.at(engine));
        }
        RootLayout.DMA_DEVICE.set(memory, root, 0);
        OPS.set(memory, engine, 0);
        boolean last = DmaEngineLayout.CLIENTS.get(memory, engine) == 0;
        locks.unlockIrqRestore(LOCK.at(engine), flags);
        if (last) {
            free(engine);
        }
    }

    /** Frees an engine without clients, once. All wake-ups of its tasks are made with the lock, or by the tasklet. */
    private void free(long engine) {
        tasks.tasklets().kill(DmaEngineLayout.TASKLET.at(engine));
        int flags = locks.lockIrqSave(LOCK.at(engine));    // a waker that has the lock still uses the queue
        locks.unlockIrqRestore(LOCK.at(engine), flags);
        kmalloc.kfree(engine);
    }

    /** Returns the engine, which stays registered until the caller {@link #leave leaves} it; 0 if there is none. */
    private long enter() {
        long engine = RootLayout.DMA_DEVICE.get(memory, root);
        return engine != 0 && enter(engine) ? engine : 0;
    }

    private boolean enter(long engine) {
        int flags = locks.lockIrqSave(LOCK.at(engine));
        boolean registered = OPS.get(memory, engine) != 0;
        if (registered) {
            USERS.add(memory, engine, 1);
        }
        locks.unlockIrqRestore(LOCK.at(engine), flags);
        return registered;
    }

    private void leave(long engine) {
        int flags = locks.lockIrqSave(LOCK.at(engine));
        leaveLocked(engine);
        locks.unlockIrqRestore(LOCK.at(engine), flags);
    }

    private void leaveLocked(long engine) {
        USERS.add(memory, engine, -1);
        tasks.waitQueues().wakeUpAll(DmaEngineLayout.WAIT.at(engine));
    }

    /** {@code vchan_cookie_complete}: the engine has ended the chain that it was given last. Any context. */
    public void complete(boolean successful) {
        long engine = RootLayout.DMA_DEVICE.get(memory, root);
        if (engine != 0) {
            queue.complete(engine, successful);
        }
    }

    // ---- copies of which the caller awaits the end ----

    /**
     * {@code dma_request_chan}: returns the {@code struct device} to map memory for; 0 if there is no engine, or its
     * set-up fails. May sleep.
     */
    public long dev() {
        context.mightSleep("dma_request_chan", "ask for the engine when the driver starts");
        long engine = enter();
        if (engine == 0) {
            return 0;
        }
        long dev = dev(engine);
        leave(engine);
        return dev;
    }

    private long dev(long engine) {
        long dev = queue.ops(engine).request(DATA.get(memory, engine));
        DEV.set(memory, engine, dev);
        return dev;
    }

    /**
     * Copies between two bus addresses, and sleeps until the copy is complete. Returns 0 or a negative {@link Errno}.
     */
    public int memcpy(long targetDma, long sourceDma, int bytes) {
        context.mightSleep("dmaengine memcpy", "prepare and submit a transfer in atomic context");
        checkAddresses("dma_memcpy", targetDma, sourceDma);
        if (bytes <= 0) {
            return RootLayout.DMA_DEVICE.get(memory, root) == 0 ? -Errno.ENODEV : -Errno.EINVAL;
        }
        long engine = enter();
        if (engine == 0) {
            return -Errno.ENODEV;
        }
        long tx = newTransfer(1, Gfp.GFP_KERNEL);
        if (tx != 0) {
            add(tx, targetDma, sourceDma, bytes);
        }
        int result = await(engine, tx);
        leave(engine);
        return result;
    }

    /**
     * Copies from the segments of one mapped list to those of another, and sleeps until the copy is complete. It copies
     * as many bytes as the shorter list has.
     *
     * @return 0 or a negative {@link Errno}
     */
    public int memcpySg(long target, int targetSegments, long source, int sourceSegments) {
        context.mightSleep("dmaengine memcpy_sg", "prepare and submit a transfer in atomic context");
        if (targetSegments <= 0 || sourceSegments <= 0 || targetSegments > MAX_COPIES || sourceSegments > MAX_COPIES) {
            return RootLayout.DMA_DEVICE.get(memory, root) == 0 ? -Errno.ENODEV : -Errno.EINVAL;
        }
        long engine = enter();
        if (engine == 0) {
            return -Errno.ENODEV;
        }
        long tx = newTransfer(targetSegments + sourceSegments, Gfp.GFP_KERNEL);
        if (tx != 0) {
            addLists(tx, target, targetSegments, source, sourceSegments);
        }
        int result = await(engine, tx);
        leave(engine);
        return result;
    }

    private void checkAddresses(String call, long targetDma, long sourceDma) {
        claims.checkAddress(call, targetDma);
        claims.checkAddress(call, sourceDma);
    }

    private int await(long engine, long tx) {
        if (tx == 0 || !prepare(engine, tx, Gfp.GFP_KERNEL)) {
            return -Errno.ENOMEM;
        }
        noteSite(tx);
        queue.issue(engine, tx);
        tasks.sleep().waitEvent(DmaEngineLayout.WAIT.at(engine),
                () -> STATE.get(memory, tx) == DmaAsyncTxLayout.DONE);
        int result = DmaAsyncTxLayout.RESULT.get(memory, tx);
        queue.free(engine, tx);
        return result;
    }

    // ---- transfers ----

    /** Allocates a transfer with room for some copies; 0 if there is no memory. */
    private long newTransfer(int copies, int gfp) {
        long tx = kmalloc.kzalloc(DmaAsyncTxLayout.SIZE + copies * DmaCopyLayout.SIZE, gfp);
        if (tx != 0) {
            ListHead.init(memory, NODE.at(tx));
        }
        return tx;
    }

    private void add(long tx, long targetDma, long sourceDma, int bytes) {
        int count = DmaAsyncTxLayout.COPIES.get(memory, tx);
        long copy = DmaAsyncTxLayout.copy(tx, count);
        DmaCopyLayout.TARGET.set(memory, copy, targetDma);
        DmaCopyLayout.SOURCE.set(memory, copy, sourceDma);
        DmaCopyLayout.BYTES.set(memory, copy, bytes);
        DmaAsyncTxLayout.COPIES.set(memory, tx, count + 1);
        DmaAsyncTxLayout.BYTES.add(memory, tx, bytes);
    }

    private void addLists(long tx, long target, int targetSegments, long source, int sourceSegments) {
        long to = target;
        long from = source;
        int toLeft = targetSegments;
        int fromLeft = sourceSegments;
        int toDone = 0;
        int fromDone = 0;
        while (toLeft > 0 && fromLeft > 0) {
            int piece = Math.min(lists.sgDmaLen(to) - toDone, lists.sgDmaLen(from) - fromDone);
            if (piece > 0) {
                add(tx, lists.sgDmaAddress(to) + toDone, lists.sgDmaAddress(from) + fromDone, piece);
            }
            toDone += piece;
            fromDone += piece;
            if (toDone == lists.sgDmaLen(to)) {
                to = --toLeft > 0 ? lists.sgNext(to) : 0;
                toDone = 0;
            }
            if (fromDone == lists.sgDmaLen(from)) {
                from = --fromLeft > 0 ? lists.sgNext(from) : 0;
                fromDone = 0;
            }
        }
    }

    /** Lets the engine's driver make its descriptors. Frees the transfer, and returns false, if it has no memory. */
    private boolean prepare(long engine, long tx, int gfp) {
        int copies = DmaAsyncTxLayout.COPIES.get(memory, tx);
        long chain = copies == 0 ? 0 : queue.ops(engine).prepare(DATA.get(memory, engine),
                DmaAsyncTxLayout.copy(tx, 0), copies, gfp);
        if (chain == 0) {
            kmalloc.kfree(tx);
            return false;
        }
        DmaAsyncTxLayout.CHAIN.set(memory, tx, chain);
        return true;
    }

    private void noteSite(long tx) {
        if (recordSites) {
            DmaAsyncTxLayout.SITE.set(memory, tx, strings.intern(CallSite.ofCaller()));
        }
    }

    // ---- channels ----

    /**
     * {@code dma_request_channel}: makes a channel for the caller. May sleep.
     *
     * @param mask the capabilities that the caller needs: bits of the numbers in {@link DmaPrep}
     * @return the channel; 0 if no engine has them, or there is no memory
     */
    public long requestChannel(int mask) {
        context.mightSleep("dma_request_channel", "request the channel when the driver starts");
        long engine = (mask & ~(1 << DmaPrep.DMA_MEMCPY)) == 0 ? enter() : 0;
        if (engine == 0) {
            return 0;
        }
        long dev = dev(engine);
        long channel = dev == 0 ? 0 : kmalloc.kzalloc(DmaChannelLayout.SIZE, Gfp.GFP_KERNEL);
        if (channel == 0) {
            leave(engine);
            return 0;
        }
        DmaChannelLayout.DEV.set(memory, channel, dev);
        DmaChannelLayout.ENGINE.set(memory, channel, engine);
        ListHead.init(memory, DmaChannelLayout.PREPARED.at(channel));
        ListHead.init(memory, DmaChannelLayout.SUBMITTED.at(channel));
        ListHead.init(memory, DmaChannelLayout.TERMINATED.at(channel));
        int flags = locks.lockIrqSave(LOCK.at(engine));
        ListHead.addTail(memory, DmaChannelLayout.NODE.at(channel), DmaEngineLayout.CHANNELS.at(engine));
        DmaEngineLayout.CLIENTS.add(memory, engine, 1);
        leaveLocked(engine);
        locks.unlockIrqRestore(LOCK.at(engine), flags);
        return channel;
    }

    /** {@code dma_release_channel}. Task context; may sleep. */
    public void releaseChannel(long channel) {
        context.mightSleep("dma_release_channel", "release the channel when the driver is removed");
        checks.releases(channel);
        takeBack(channel);
    }

    /** Takes a channel back with all its transfers. May sleep. */
    public void takeBack(long channel) {
        long engine = engine(channel);
        boolean entered = enter(engine);
        if (entered) {
            queue.drain(engine, channel);
        }
        int flags = locks.lockIrqSave(LOCK.at(engine));
        ListHead.delete(memory, DmaChannelLayout.NODE.at(channel));
        DmaEngineLayout.CLIENTS.add(memory, engine, -1);
        boolean last = OPS.get(memory, engine) == 0 && DmaEngineLayout.CLIENTS.get(memory, engine) == 0;
        if (entered) {
            leaveLocked(engine);
        }
        locks.unlockIrqRestore(LOCK.at(engine), flags);
        kmalloc.kfree(channel);
        if (last) {
            free(engine);
        }
    }

    private long engine(long channel) {
        return DmaChannelLayout.ENGINE.get(memory, channel);
    }

    /** {@code dmaengine_prep_dma_memcpy}. Any context. Returns a descriptor; 0 without memory or bytes. */
    public long prepMemcpy(long channel, long targetDma, long sourceDma, int bytes, int flags) {
        checkAddresses("dmaengine_prep_dma_memcpy", targetDma, sourceDma);
        long tx = bytes <= 0 ? 0 : newTransfer(1, Gfp.GFP_NOWAIT);
        if (tx != 0) {
            add(tx, targetDma, sourceDma, bytes);
        }
        return prepared(channel, tx, flags);
    }

    /** {@code dmaengine_prep_dma_sg}. Any context. Returns a descriptor; 0 without memory or bytes. */
    public long prepSg(long channel, long target, int targetSegments, long source, int sourceSegments, int flags) {
        boolean some = targetSegments > 0 && sourceSegments > 0 && targetSegments <= MAX_COPIES
                && sourceSegments <= MAX_COPIES;
        long tx = some ? newTransfer(targetSegments + sourceSegments, Gfp.GFP_NOWAIT) : 0;
        if (tx != 0) {
            addLists(tx, target, targetSegments, source, sourceSegments);
        }
        return prepared(channel, tx, flags);
    }

    private long prepared(long channel, long tx, int flags) {
        long engine = engine(channel);
        if (tx == 0) {
            return 0;
        }
        if (OPS.get(memory, engine) == 0) {
            kmalloc.kfree(tx);
            return 0;
        }
        if (!prepare(engine, tx, Gfp.GFP_NOWAIT)) {
            return 0;
        }
        CHAN.set(memory, tx, channel);
        DmaAsyncTxLayout.FLAGS.set(memory, tx, flags);
        int irqs = locks.lockIrqSave(LOCK.at(engine));
        ListHead.addTail(memory, NODE.at(tx), DmaChannelLayout.PREPARED.at(channel));
        locks.unlockIrqRestore(LOCK.at(engine), irqs);
        return tx;
    }

    /** {@code dmaengine_submit}. Any context. Returns the transfer's cookie, or -EINVAL. */
    public int submit(long tx) {
        if (!checks.mayBeSubmitted(tx)) {
            return -Errno.EINVAL;
        }
        long channel = CHAN.get(memory, tx);
        noteSite(tx);
        DmaAsyncTxLayout.SUBMITTED_CALLBACK.set(memory, tx, DmaAsyncTxLayout.CALLBACK.get(memory, tx));
        DmaAsyncTxLayout.SUBMITTED_PARAM.set(memory, tx, DmaAsyncTxLayout.CALLBACK_PARAM.get(memory, tx));
        checks.submitted(tx);
        long lock = LOCK.at(engine(channel));
        int flags = locks.lockIrqSave(lock);
        int cookie = DmaChannelLayout.COOKIE.get(memory, channel) + 1;
        DmaChannelLayout.COOKIE.set(memory, channel, cookie);
        COOKIE.set(memory, tx, cookie);
        STATE.set(memory, tx, DmaAsyncTxLayout.SUBMITTED);
        ListHead.delete(memory, NODE.at(tx));
        ListHead.addTail(memory, NODE.at(tx), DmaChannelLayout.SUBMITTED.at(channel));
        locks.unlockIrqRestore(lock, flags);
        return cookie;
    }

    /** {@code dma_async_issue_pending}. Any context. */
    public void issuePending(long channel) {
        if (OPS.get(memory, engine(channel)) != 0) {
            queue.issueSubmitted(engine(channel), channel);
        }
    }

    /** {@code dmaengine_tx_status}. Any context. Returns a {@link DmaStatus}. */
    public int status(long channel, int cookie, long state) {
        long engine = engine(channel);
        int flags = locks.lockIrqSave(LOCK.at(engine));
        int status = status(channel, cookie);
        if (state != 0) {
            DmaTxStateLayout.LAST.set(memory, state, DmaChannelLayout.COMPLETED.get(memory, channel));
            DmaTxStateLayout.USED.set(memory, state, DmaChannelLayout.COOKIE.get(memory, channel));
            DmaTxStateLayout.RESIDUE.set(memory, state,
                    status == DmaStatus.DMA_IN_PROGRESS ? residue(engine, channel, cookie) : 0);
        }
        locks.unlockIrqRestore(LOCK.at(engine), flags);
        return status;
    }

    private int status(long channel, int cookie) {
        int age = DmaChannelLayout.COMPLETED.get(memory, channel) - cookie;
        if (cookie < DmaPrep.DMA_MIN_COOKIE || DmaChannelLayout.COOKIE.get(memory, channel) < cookie) {
            return DmaStatus.DMA_ERROR;
        }
        if (age < 0) {
            return cookie <= DmaChannelLayout.TERMINATED_COOKIE.get(memory, channel) ? DmaStatus.DMA_ERROR
                    : DmaStatus.DMA_IN_PROGRESS;
        }
        boolean failed = age < Integer.SIZE && (DmaChannelLayout.FAILED.get(memory, channel) >>> age & 1) != 0;
        return failed ? DmaStatus.DMA_ERROR : DmaStatus.DMA_COMPLETE;
    }

    /** Returns the bytes that are left of a transfer that has not ended. The caller has the lock. */
    private int residue(long engine, long channel, int cookie) {
        long active = DmaEngineLayout.ACTIVE.get(memory, engine);
        if (active != 0 && CHAN.get(memory, active) == channel && COOKIE.get(memory, active) == cookie) {
            return DmaAsyncTxLayout.BYTES.get(memory, active)
                    - queue.ops(engine).copied(DATA.get(memory, engine));
        }
        for (long list : new long[] {DmaEngineLayout.ISSUED.at(engine), DmaChannelLayout.SUBMITTED.at(channel)}) {
            for (long node : ListHead.nodes(memory, list, MAX_COPIES)) {
                long tx = NODE.containerOf(node);
                if (CHAN.get(memory, tx) == channel && COOKIE.get(memory, tx) == cookie) {
                    return DmaAsyncTxLayout.BYTES.get(memory, tx);
                }
            }
        }
        return 0;
    }

    /** {@code dmaengine_terminate_async}. Any context. */
    public int terminateAsync(long channel) {
        if (OPS.get(memory, engine(channel)) != 0) {
            queue.terminate(engine(channel), channel);
        }
        return 0;
    }

    /** {@code dmaengine_synchronize}. Task context; may sleep. */
    public void synchronize(long channel) {
        synchronize(channel, "dmaengine_synchronize");
    }

    /** {@code dmaengine_terminate_sync}. Task context; may sleep. */
    public int terminateSync(long channel) {
        terminateAsync(channel);
        synchronize(channel, "dmaengine_terminate_sync");
        return 0;
    }

    private void synchronize(long channel, String call) {
        context.mightSleep(call, "call dmaengine_terminate_async here, and dmaengine_synchronize in a task");
        if (!context.inInterrupt() && OPS.get(memory, engine(channel)) != 0) {
            queue.synchronize(engine(channel), channel);
        }
    }
}
