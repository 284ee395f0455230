package ferrite.scenarios;

import static ferrite.testkit.MachineAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.report.Violation;
import ferrite.hardware.turn.Interleavings;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.dma.DmaAsyncTxCallback;
import ferrite.kernel.dma.DmaAsyncTxLayout;
import ferrite.kernel.dma.DmaChannelLayout;
import ferrite.kernel.dma.DmaDirection;
import ferrite.kernel.dma.DmaPrep;
import ferrite.kernel.dma.DmaStatus;
import ferrite.kernel.dma.DmaTxStateLayout;
import ferrite.kernel.dma.ScatterListLayout;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.sched.TaskEntry;
import ferrite.testkit.Machine;
import ferrite.testkit.MachineRun;
import ferrite.testkit.Machines;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Transfers of the copy engine that are in flight while their driver does something else. */
@Machine
@Timeout(60)
class TransfersTest {

    private static final int PAGE = 4096;
    private static final int BYTES = 16 * PAGE;

    private final InKernel test = new InKernel();
    private final List<Long> called = new ArrayList<>();
    private final int callback = test.callback("test_transfer", (DmaAsyncTxCallback) called::add);

    private static void check(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    /** A driver's part: a channel, and buffers that are mapped for its device. */
    private final class Driver {

        private final KernelCalls kernel;
        private final long channel;
        private final long dev;

        private Driver(KernelCalls kernel) {
            this.kernel = kernel;
            channel = kernel.dmaRequestChannel(1 << DmaPrep.DMA_MEMCPY);
            check(channel != 0, "no channel");
            dev = DmaChannelLayout.DEV.get(kernel.memory(), channel);
        }

        private long buffer(int value) {
            long va = kernel.__getFreePages(Gfp.GFP_KERNEL, 4);
            kernel.memory().fill(va, value, BYTES);
            return va;
        }

        private long map(long va, int direction) {
            long dma = kernel.dmaMapSingle(dev, va, BYTES, direction);
            check(kernel.dmaMappingError(dev, dma) == 0, "not mapped");
            return dma;
        }

        private int submit(long to, long from, long param) {
            long tx = kernel.dmaenginePrepDmaMemcpy(channel, to, from, BYTES, DmaPrep.DMA_PREP_INTERRUPT);
            DmaAsyncTxLayout.CALLBACK.set(kernel.memory(), tx, test.address(callback));
            DmaAsyncTxLayout.CALLBACK_PARAM.set(kernel.memory(), tx, param);
            return kernel.dmaengineSubmit(tx);
        }

        private int status(int cookie) {
            return kernel.dmaAsyncIsTxComplete(channel, cookie);
        }

        private void await(int cookie) {
            while (status(cookie) == DmaStatus.DMA_IN_PROGRESS) {
                kernel.usleepRange(10, 20);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void transfersOfTwoChannelsAreInFlightWhileTheDriverGoesOn(Interleavings interleaving, Machines machines)
            throws Exception {
        MachineRun run = machines.boot(options -> options.interleaving(interleaving).driver(test));
        test.run(run, kernel -> {
            Driver one = new Driver(kernel.calls());
            Driver other = new Driver(kernel.calls());
            long[] sent = new long[4];
            long[] received = new long[4];
            long[] from = new long[4];
            long[] to = new long[4];
            int[] cookies = new int[4];
            for (int i = 0; i < 4; i++) {
                sent[i] = one.buffer(i + 1);
                received[i] = one.buffer(0);
                from[i] = one.map(sent[i], DmaDirection.DMA_TO_DEVICE);
                to[i] = one.map(received[i], DmaDirection.DMA_FROM_DEVICE);
                cookies[i] = (i < 2 ? one : other).submit(to[i], from[i], i + 1);
            }
            check(cookies[0] == DmaPrep.DMA_MIN_COOKIE && cookies[1] == cookies[0] + 1 && cookies[2] == cookies[0],
                    "each channel counts its own cookies");
            kernel.calls().usleepRange(100, 200);
            check(one.status(cookies[0]) == DmaStatus.DMA_IN_PROGRESS && called.isEmpty(), "nothing was issued");
            long state = kernel.calls().kzalloc(DmaTxStateLayout.SIZE, Gfp.GFP_KERNEL);
            other.kernel.dmaAsyncIssuePending(other.channel);
            one.kernel.dmaAsyncIssuePending(one.channel);
            check(one.kernel.dmaengineTxStatus(one.channel, cookies[1], state) == DmaStatus.DMA_IN_PROGRESS
                    && DmaTxStateLayout.RESIDUE.get(kernel.base().memory(), state) == BYTES, "it waits whole");
            kernel.calls().usleepRange(20, 30);
            check(other.kernel.dmaengineTxStatus(other.channel, cookies[2], state) == DmaStatus.DMA_IN_PROGRESS,
                    "it is in flight");
            int residue = DmaTxStateLayout.RESIDUE.get(kernel.base().memory(), state);
            check(residue > 0 && residue < BYTES, "a part is copied, " + residue + " bytes are left");
            one.await(cookies[1]);
            kernel.calls().usleepRange(50, 100);
            for (int i = 0; i < 4; i++) {
                one.kernel.dmaUnmapSingle(one.dev, from[i], BYTES, DmaDirection.DMA_TO_DEVICE);
                one.kernel.dmaUnmapSingle(one.dev, to[i], BYTES, DmaDirection.DMA_FROM_DEVICE);
                check(kernel.base().memory().load8(received[i]) == i + 1
                        && kernel.base().memory().load8(received[i] + BYTES - 1) == i + 1, "the bytes of " + i);
                one.kernel.freePages(sent[i], 4);
                one.kernel.freePages(received[i], 4);
            }
            one.kernel.dmaReleaseChannel(one.channel);
            one.kernel.dmaReleaseChannel(other.channel);
            one.kernel.kfree(state);
        });
        assertThat(called).as("in the order of issue").containsExactly(3L, 4L, 1L, 2L);
        assertThat(run).hasNoViolations();
    }

    /** The end of a copy wakes its task, and that one frees the chain of the engine's driver. */
    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void anEngineStaysUntilTheCopyThatATaskAwaitsHasEnded(Interleavings interleaving, Machines machines)
            throws Exception {
        KernelCalls[] calls = new KernelCalls[1];
        List<String> order = new ArrayList<>();
        int thread = test.callback("test_unregister", (TaskEntry) data -> {
            calls[0].usleepRange(20, 30);
            order.add("unregisters");
            calls[0].dmaAsyncDeviceUnregister();
            order.add("is unregistered");
            return 0;
        });
        MachineRun run = machines.boot(options -> options.harts(2).interleaving(interleaving).driver(test));
        test.run(run, kernel -> {
            calls[0] = kernel.calls();
            Driver driver = new Driver(kernel.calls());
            long sent = driver.buffer(7);
            long received = driver.buffer(0);
            long from = driver.map(sent, DmaDirection.DMA_TO_DEVICE);
            long to = driver.map(received, DmaDirection.DMA_FROM_DEVICE);
            driver.kernel.dmaReleaseChannel(driver.channel);
            driver.kernel.kthreadRun("unregister", test.address(thread), 0);
            int result = driver.kernel.dmaMemcpy(to, from, BYTES);
            order.add("copy: " + result);
            driver.kernel.usleepRange(500, 600);
            check(driver.kernel.dmaMemcpy(to, from, BYTES) == -Errno.ENODEV, "there is an engine");
            driver.kernel.dmaUnmapSingle(driver.dev, from, BYTES, DmaDirection.DMA_TO_DEVICE);
            driver.kernel.dmaUnmapSingle(driver.dev, to, BYTES, DmaDirection.DMA_FROM_DEVICE);
            check(kernel.base().memory().load8(received + BYTES - 1) == 7, "the bytes");
        });
        assertThat(order).startsWith("unregisters").contains("copy: 0", "is unregistered");
        assertThat(run).hasNoViolations();
    }

    /** The list of one side is scattered, and both sides are split differently. */
    @Test
    void listsAreCopiedWhileACallerAwaitsAnotherCopy(Machines machines) throws Exception {
        MachineRun run = machines.boot(options -> options.driver(test));
        test.run(run, kernel -> {
            Driver driver = new Driver(kernel.calls());
            KernelCalls calls = driver.kernel;
            long sent = driver.buffer(7);
            long received = driver.buffer(0);
            long lists = calls.kzalloc(2 * 8 * ScatterListLayout.SIZE, Gfp.GFP_KERNEL);
            long targets = lists + 8 * ScatterListLayout.SIZE;
            calls.sgInitTable(lists, 8);
            calls.sgInitTable(targets, 3);
            calls.forEachSg(lists, 8, (entry, i) -> calls.sgSetBuf(entry, sent + 2L * i * PAGE, PAGE));
            calls.forEachSg(targets, 3, (entry, i) -> calls.sgSetBuf(entry, received + 5L * i * PAGE, 2 * PAGE));
            int from = calls.dmaMapSg(driver.dev, lists, 8, DmaDirection.DMA_TO_DEVICE);
            int to = calls.dmaMapSg(driver.dev, targets, 3, DmaDirection.DMA_FROM_DEVICE);
            long extra = driver.buffer(9);
            long other = driver.buffer(0);
            long extraDma = driver.map(extra, DmaDirection.DMA_TO_DEVICE);
            long otherDma = driver.map(other, DmaDirection.DMA_FROM_DEVICE);
            int cookie = calls.dmaengineSubmit(calls.dmaenginePrepDmaSg(driver.channel, targets, to, lists, from, 0));
            calls.dmaAsyncIssuePending(driver.channel);
            check(driver.status(cookie) == DmaStatus.DMA_IN_PROGRESS, "it is in flight");
            check(calls.dmaMemcpy(otherDma, extraDma, BYTES) == 0, "the engine failed");
            check(driver.status(cookie) == DmaStatus.DMA_COMPLETE, "it went first");
            calls.dmaUnmapSingle(driver.dev, extraDma, BYTES, DmaDirection.DMA_TO_DEVICE);
            calls.dmaUnmapSingle(driver.dev, otherDma, BYTES, DmaDirection.DMA_FROM_DEVICE);
            calls.dmaUnmapSg(driver.dev, lists, 8, DmaDirection.DMA_TO_DEVICE);
            calls.dmaUnmapSg(driver.dev, targets, 3, DmaDirection.DMA_FROM_DEVICE);
            for (int page = 0; page < 16; page++) {
                int expected = page % 5 < 2 && page < 12 ? 7 : 0;
                check(calls.memory().load8(received + (long) page * PAGE + 99) == expected, "page " + page);
            }
            calls.dmaReleaseChannel(driver.channel);
        });
        assertThat(run).hasNoViolations();
    }

    @Test
    void eachTransferSaysWhetherItFailedOrWasTerminated(Machines machines) throws Exception {
        MachineRun run = machines.boot(options -> options.parameter("copier.width", "24").driver(test));
        test.run(run, kernel -> {
            Driver driver = new Driver(kernel.calls());
            KernelCalls calls = driver.kernel;
            check(calls.dmaRequestChannel(1 << 10) == 0, "the engine serves no slaves");
            check(calls.dmaenginePrepDmaMemcpy(driver.channel, 0, 0, 0, 0) == 0, "no bytes");
            long from = driver.map(driver.buffer(1), DmaDirection.DMA_TO_DEVICE);
            long to = driver.map(driver.buffer(2), DmaDirection.DMA_FROM_DEVICE);
            int good = driver.submit(to, from, 1);
            int bad = driver.submit(to, 1L << 24, 2);
            int last = driver.submit(to, from, 3);
            calls.dmaAsyncIssuePending(driver.channel);
            driver.await(last);
            check(driver.status(good) == DmaStatus.DMA_COMPLETE && driver.status(bad) == DmaStatus.DMA_ERROR
                    && driver.status(last) == DmaStatus.DMA_COMPLETE, "one of three has failed");
            check(driver.status(0) == DmaStatus.DMA_ERROR && driver.status(last + 1) == DmaStatus.DMA_ERROR,
                    "no such cookies");
            calls.usleepRange(50, 100);
            check(called.equals(List.of(1L, 2L, 3L)), "the callbacks " + called);
            int active = driver.submit(to, from, 4);
            int waiting = driver.submit(to, from, 5);
            calls.dmaAsyncIssuePending(driver.channel);
            int submitted = driver.submit(to, from, 6);
            calls.usleepRange(20, 30);
            check(calls.dmaengineTerminateSync(driver.channel) == 0, "terminated");
            int again = driver.submit(to, from, 7);
            calls.dmaAsyncIssuePending(driver.channel);
            driver.await(again);
            check(driver.status(active) == DmaStatus.DMA_ERROR && driver.status(waiting) == DmaStatus.DMA_ERROR
                    && driver.status(submitted) == DmaStatus.DMA_ERROR && driver.status(again)
                            == DmaStatus.DMA_COMPLETE, "three are terminated");
            calls.usleepRange(50, 100);
            check(called.equals(List.of(1L, 2L, 3L, 7L)), "the callbacks " + called);
            calls.dmaReleaseChannel(driver.channel);
        });
        assertThat(run.violations()).extracting(Violation::rule).containsExactly("dma-above-reach");
        run.type("dmesg");
        assertThat(run.out()).containsPattern("copier: error 2 at bus address").doesNotContain("error 5");
    }

    /** Between two commands a transfer is in flight, with a bounce buffer and its callback to come. */
    @Test
    void aTransferInFlightOutlivesTheKernelsJavaObjects(Machines machines) throws Exception {
        MachineRun run = machines.boot(options -> options.harts(2).parameter("copier.width", "24").driver(test));
        long[] kept = new long[4];
        test.run(run, kernel -> {
            Driver driver = new Driver(kernel.calls());
            kept[0] = driver.buffer(5);
            kept[1] = driver.buffer(6);
            long from = driver.map(kept[0], DmaDirection.DMA_TO_DEVICE);
            kept[2] = driver.map(kept[1], DmaDirection.DMA_FROM_DEVICE);
            kept[3] = driver.channel;
            for (int i = 1; i < 30; i++) {
                driver.submit(kept[2], from, i);
            }
            driver.kernel.dmaAsyncIssuePending(driver.channel);
        });
        assertThat(called).hasSizeLessThan(29);
        ferrite.hardware.Machine.Snapshot snapshot = run.board().snapshot();
        List<Long> before = List.copyOf(called);
        run.type("sleep 0.1");
        assertThat(called).hasSize(29);
        ferrite.hardware.Machine.Digest end = run.digest();
        run.board().restore(snapshot);
        run.board().reattach();
        called.clear();
        called.addAll(before);
        run.type("sleep 0.1");
        assertThat(called).hasSize(29).isSorted();
        assertThat(run.digest()).isEqualTo(end);
        test.run(run, kernel -> {
            KernelCalls calls = kernel.calls();
            long dev = DmaChannelLayout.DEV.get(calls.memory(), kept[3]);
            calls.dmaUnmapSingle(dev, kept[2], BYTES, DmaDirection.DMA_FROM_DEVICE);
            check(calls.memory().load8(kept[1] + BYTES - 1) == 5, "the bytes");
            calls.dmaReleaseChannel(kept[3]);
        });
        assertThat(run).hasNoViolations();
    }
}
