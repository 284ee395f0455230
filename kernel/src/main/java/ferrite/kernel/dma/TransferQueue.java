package ferrite.kernel.dma;

import static ferrite.kernel.dma.DmaAsyncTxLayout.CHAIN;
import static ferrite.kernel.dma.DmaAsyncTxLayout.CHAN;
import static ferrite.kernel.dma.DmaAsyncTxLayout.COOKIE;
import static ferrite.kernel.dma.DmaAsyncTxLayout.NODE;
import static ferrite.kernel.dma.DmaAsyncTxLayout.RESULT;
import static ferrite.kernel.dma.DmaAsyncTxLayout.STATE;
import static ferrite.kernel.dma.DmaChannelLayout.FINISHING;
import static ferrite.kernel.dma.DmaEngineLayout.ACTIVE;
import static ferrite.kernel.dma.DmaEngineLayout.DATA;
import static ferrite.kernel.dma.DmaEngineLayout.DONE;
import static ferrite.kernel.dma.DmaEngineLayout.ISSUED;
import static ferrite.kernel.dma.DmaEngineLayout.LOCK;
import static ferrite.kernel.dma.DmaEngineLayout.OPS;
import static ferrite.kernel.dma.DmaEngineLayout.TASKLET;
import static ferrite.kernel.dma.DmaEngineLayout.WAIT;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.core.Callbacks;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.mm.Kmalloc;
import ferrite.kernel.sched.TaskSystem;
import ferrite.kernel.sched.TimerFunction;
import ferrite.kernel.shadow.MemoryStates;

/**
 * The transfers that an engine has: those that wait, the one in flight, and those that have ended and wait for a
 * tasklet to call their callbacks. All channels share one queue, in the order of {@code dma_async_issue_pending}.
 */
final class TransferQueue {

    /** Transfers that one walk of a list goes through. */
    private static final int MAX_NODES = 1 << 16;

    private final KernelMemory memory;
    private final SpinLock locks;
    private final TextTable text;
    private final Callbacks callbacks;
    private final MemoryStates states;
    private final TaskSystem tasks;
    private final Kmalloc kmalloc;
    private final TransferChecks checks;
    private final long callback;

    TransferQueue(KernelBase base, TaskSystem tasks, Kmalloc kmalloc, TransferChecks checks) {
        this.memory = base.memory();
        this.locks = base.locks();
        this.text = base.text();
        this.callbacks = new Callbacks(base);
        this.states = base.states();
        this.tasks = tasks;
        this.kmalloc = kmalloc;
        this.checks = checks;
        this.callback = text.newModule().add("vchan_complete", (TimerFunction) this::callBack);
    }

    /** Makes the empty queue of an engine. */
    void init(long engine) {
        ListHead.init(memory, ISSUED.at(engine));
        ListHead.init(memory, DONE.at(engine));
        ListHead.init(memory, DmaEngineLayout.CHANNELS.at(engine));
        tasks.tasklets().init(TASKLET.at(engine), callback, engine);
        tasks.waitQueues().init(WAIT.at(engine));
    }

    MemcpyEngine ops(long engine) {
        return text.at(OPS.get(memory, engine), MemcpyEngine.class);
    }

    // ---- to the engine ----

    /** Queues a transfer that is on no list. */
    void issue(long engine, long tx) {
        int flags = locks.lockIrqSave(LOCK.at(engine));
        queue(engine, tx);
        startNext(engine);
        locks.unlockIrqRestore(LOCK.at(engine), flags);
    }

    /** Queues all transfers that were submitted to a channel. */
    void issueSubmitted(long engine, long channel) {
        int flags = locks.lockIrqSave(LOCK.at(engine));
        long list = DmaChannelLayout.SUBMITTED.at(channel);
        while (!ListHead.isEmpty(memory, list)) {
            long tx = NODE.containerOf(ListHead.first(memory, list));
            ListHead.delete(memory, NODE.at(tx));
            queue(engine, tx);
        }
        startNext(engine);
        locks.unlockIrqRestore(LOCK.at(engine), flags);
    }

    private void queue(long engine, long tx) {
        ListHead.addTail(memory, NODE.at(tx), ISSUED.at(engine));
        STATE.set(memory, tx, DmaAsyncTxLayout.ISSUED);
        checks.begins(tx);
    }

    /** Starts the next transfer on an idle engine. The caller has the lock. */
    private void startNext(long engine) {
        if (ACTIVE.get(memory, engine) != 0 || ListHead.isEmpty(memory, ISSUED.at(engine))
                || OPS.get(memory, engine) == 0) {
            return;
        }
        long tx = NODE.containerOf(ListHead.first(memory, ISSUED.at(engine)));
        ListHead.delete(memory, NODE.at(tx));
        STATE.set(memory, tx, DmaAsyncTxLayout.ACTIVE);
        ACTIVE.set(memory, engine, tx);
        states.asks(checks.site(tx));
        try {
            ops(engine).start(DATA.get(memory, engine), CHAIN.get(memory, tx));
        } finally {
            states.hasAsked();
        }
    }

    /** {@code vchan_cookie_complete}: notes the end of the transfer in flight, and starts the next one. */
    void complete(long engine, boolean successful) {
        int flags = locks.lockIrqSave(LOCK.at(engine));
        long tx = ACTIVE.get(memory, engine);
        if (tx != 0) {
            checks.ends(tx);
            ACTIVE.set(memory, engine, 0);
            RESULT.set(memory, tx, successful ? 0 : -Errno.EIO);
            boolean calls = ended(engine, tx, successful);
            startNext(engine);
            tasks.waitQueues().wakeUpAll(WAIT.at(engine));     // with the lock: the engine may be freed after it
            if (calls) {
                tasks.tasklets().schedule(TASKLET.at(engine));
            }
        }
        locks.unlockIrqRestore(LOCK.at(engine), flags);
    }

    /** Returns whether the tasklet has to call the transfer's callback. */
    private boolean ended(long engine, long tx, boolean successful) {
        long channel = CHAN.get(memory, tx);
        if (channel == 0) {
            STATE.set(memory, tx, DmaAsyncTxLayout.DONE);          // its task waits for it
            return false;
        }
        if (STATE.get(memory, tx) == DmaAsyncTxLayout.ABORTED) {
            FINISHING.add(memory, channel, -1);
            terminated(channel, tx);
            return false;
        }
        int cookie = COOKIE.get(memory, tx);
        int passed = cookie - DmaChannelLayout.COMPLETED.get(memory, channel);
        int older = passed >= Integer.SIZE ? -1
                : DmaChannelLayout.FAILED.get(memory, channel) << passed | (1 << passed) - 1;
        DmaChannelLayout.FAILED.set(memory, channel, older & ~1 | (successful ? 0 : 1));
        DmaChannelLayout.COMPLETED.set(memory, channel, cookie);
        STATE.set(memory, tx, DmaAsyncTxLayout.DONE);
        FINISHING.add(memory, channel, 1);
        ListHead.addTail(memory, NODE.at(tx), DONE.at(engine));
        return true;
    }

    private void terminated(long channel, long tx) {
        ListHead.addTail(memory, NODE.at(tx), DmaChannelLayout.TERMINATED.at(channel));
        STATE.set(memory, tx, DmaAsyncTxLayout.TERMINATED);
    }

    // ---- callbacks ----

    /** Calls the callbacks of the transfers that have ended by now: the function of the engine's tasklet. */
    private void callBack(long engine) {
        int flags = locks.lockIrqSave(LOCK.at(engine));
        long last = ListHead.last(memory, DONE.at(engine));
        locks.unlockIrqRestore(LOCK.at(engine), flags);
        for (boolean more = last != DONE.at(engine); more; ) {
            flags = locks.lockIrqSave(LOCK.at(engine));
            long node = ListHead.first(memory, DONE.at(engine));
            boolean empty = node == DONE.at(engine);
            if (!empty) {
                ListHead.delete(memory, node);
            }
            locks.unlockIrqRestore(LOCK.at(engine), flags);
            if (!empty) {
                callBack(engine, NODE.containerOf(node));
            }
            more = !empty && node != last;
        }
        tasks.waitQueues().wakeUpAll(WAIT.at(engine));
    }

    private void callBack(long engine, long tx) {
        long channel = CHAN.get(memory, tx);
        checks.calls(tx);
        long function = DmaAsyncTxLayout.CALLBACK.get(memory, tx);
        if (function != 0) {
            long param = DmaAsyncTxLayout.CALLBACK_PARAM.get(memory, tx);
            callbacks.call("the callback of a transfer", function,
                    () -> text.at(function, DmaAsyncTxCallback.class).complete(param));
        }
        free(engine, tx);
        int flags = locks.lockIrqSave(LOCK.at(engine));
        FINISHING.add(memory, channel, -1);
        locks.unlockIrqRestore(LOCK.at(engine), flags);
    }

    /** Frees a transfer that is on no list. */
    void free(long engine, long tx) {
        ops(engine).release(DATA.get(memory, engine), CHAIN.get(memory, tx));
        kmalloc.kfree(tx);
    }

    // ---- termination ----

    /** Takes a channel's transfers from the engine, without calling their callbacks. Does not wait. */
    void terminate(long engine, long channel) {
        int flags = locks.lockIrqSave(LOCK.at(engine));
        take(DmaChannelLayout.SUBMITTED.at(channel), channel);
        take(ISSUED.at(engine), channel);
        int dropped = take(DONE.at(engine), channel);
        FINISHING.add(memory, channel, -dropped);
        long active = ACTIVE.get(memory, engine);
        if (active != 0 && CHAN.get(memory, active) == channel
                && STATE.get(memory, active) == DmaAsyncTxLayout.ACTIVE) {
            STATE.set(memory, active, DmaAsyncTxLayout.ABORTED);
            FINISHING.add(memory, channel, 1);
            ops(engine).abort(DATA.get(memory, engine));
        }
        DmaChannelLayout.TERMINATED_COOKIE.set(memory, channel, DmaChannelLayout.COOKIE.get(memory, channel));
        locks.unlockIrqRestore(LOCK.at(engine), flags);
    }

    /** Moves a channel's transfers from a list to those that are terminated. Returns their number. */
    private int take(long list, long channel) {
        int taken = 0;
        for (long node : ListHead.nodes(memory, list, MAX_NODES)) {
            long tx = NODE.containerOf(node);
            if (CHAN.get(memory, tx) == channel) {
                ListHead.delete(memory, node);
                checks.ends(tx);
                terminated(channel, tx);
                taken++;
            }
        }
        return taken;
    }

    /** Waits until no callback of a channel runs, and the engine has none of its terminated transfers. May sleep. */
    void synchronize(long engine, long channel) {
        tasks.sleep().waitEvent(WAIT.at(engine), () -> FINISHING.get(memory, channel) == 0);
        long list = DmaChannelLayout.TERMINATED.at(channel);
        for (long tx = firstOf(engine, list); tx != 0; tx = firstOf(engine, list)) {
            checks.calls(tx);
            free(engine, tx);
        }
    }

    /** Takes the first transfer off a list; 0 if there is none. */
    private long firstOf(long engine, long list) {
        int flags = locks.lockIrqSave(LOCK.at(engine));
        long node = ListHead.first(memory, list);
        boolean empty = node == list;
        if (!empty) {
            ListHead.delete(memory, node);
        }
        locks.unlockIrqRestore(LOCK.at(engine), flags);
        return empty ? 0 : NODE.containerOf(node);
    }

    /** Terminates a channel for good, also descriptors that were not submitted. May sleep. */
    void drain(long engine, long channel) {
        int flags = locks.lockIrqSave(LOCK.at(engine));
        take(DmaChannelLayout.PREPARED.at(channel), channel);
        locks.unlockIrqRestore(LOCK.at(engine), flags);
        terminate(engine, channel);
        synchronize(engine, channel);
    }
}
