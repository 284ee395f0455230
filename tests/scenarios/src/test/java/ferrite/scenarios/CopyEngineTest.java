package ferrite.scenarios;

import static ferrite.testkit.MachineAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.Seed;
import ferrite.hardware.turn.Interleavings;
import ferrite.kernel.Kernel;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.dma.DmaDirection;
import ferrite.kernel.dma.DmaMapping;
import ferrite.kernel.dma.ScatterList;
import ferrite.kernel.dma.ScatterListLayout;
import ferrite.kernel.dma.Swiotlb;
import ferrite.testkit.Machine;
import ferrite.testkit.MachineRun;
import ferrite.testkit.Machines;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The copy engine with its driver on a whole machine of 1 GiB: every zone, every width and every way of bouncing, with
 * the bytes that arrive.
 */
@Machine
@Timeout(120)
class CopyEngineTest {

    private static final int PAGES = 75;
    private static final int PAGE = 4096;
    /** The page, in the Normal zone, that the driver keeps mapped. */
    private static final int STAGING = 1;

    @TempDir
    private static Path directory;

    private static int bounced(MachineRun run) {
        Kernel kernel = run.board().kernel();
        return kernel.dma().mapping().swiotlb().bounced(run.board().machine().peek(0));
    }

    private static Path disk() throws IOException {
        return Disks.random(directory, PAGES * PAGE);
    }

    // ---- /dev/copier ----

    /**
     * Every page is mapped once when it is written and once when it is read, on the source side and on the target side.
     */
    @ParameterizedTest
    @CsvSource({
        "24, ON, GFP_HIGHUSER, GFP_HIGHUSER, 4", "24, ON, GFP_KERNEL, GFP_HIGHUSER, 4",
        "24, ON, GFP_KERNEL|GFP_DMA, GFP_HIGHUSER, 2", "24, ON, GFP_HIGHUSER, GFP_KERNEL|GFP_DMA, 2",
        "24, ON, GFP_KERNEL|GFP_DMA, GFP_KERNEL|GFP_DMA, 0", "25, ON, GFP_KERNEL, GFP_KERNEL, 4",
        "26, ON, GFP_KERNEL|GFP_DMA, GFP_KERNEL, 2", "27, ON, GFP_HIGHUSER, GFP_KERNEL, 4",
        "28, ON, GFP_HIGHUSER, GFP_HIGHUSER, 4", "29, ON, GFP_HIGHUSER, GFP_HIGHUSER, 4",
        "30, ON, GFP_HIGHUSER, GFP_HIGHUSER, 0", "31, ON, GFP_HIGHUSER, GFP_KERNEL, 0",
        "32, ON, GFP_HIGHUSER, GFP_HIGHUSER, 0", "32, OFF, GFP_HIGHUSER, GFP_KERNEL|GFP_DMA, 0",
        "24, OFF, GFP_KERNEL|GFP_DMA, GFP_KERNEL|GFP_DMA, 0",
        "32, FORCE, GFP_HIGHUSER, GFP_HIGHUSER, 4", "24, FORCE, GFP_KERNEL|GFP_DMA, GFP_KERNEL|GFP_DMA, 4"})
    void whatIsWrittenIsReadAgainBouncedWhereTheEngineDoesNotReachAndNowhereElse(int width, Swiotlb.Mode mode,
            String source, String target, int sides, Machines machines) throws Exception {
        Path disk = disk();
        MachineRun run = machines.boot(options -> options.readOnlyDisk(disk).swiotlb(mode)
                .parameter("copier.width", Integer.toString(width)).parameter("copier.source", source)
                .parameter("copier.target", target));
        run.type("cp /dev/disk0 /dev/copier", "sha256sum /dev/copier");
        assertThat(run.out()).isEqualTo(Tools.sha256(disk) + "  /dev/copier\n");
        assertThat(run.err()).isEmpty();
        boolean stagingBounced = mode == Swiotlb.Mode.FORCE || mode == Swiotlb.Mode.ON && width < 30;
        assertThat(bounced(run)).isEqualTo(sides * PAGES + (stagingBounced ? STAGING : 0));
        assertThat(run).hasNoViolations();
    }

    /** The device tree limits the parameter. */
    @ParameterizedTest
    @CsvSource({"24, 32, 24", "28, 32, 28", "28, 24, 24", "32, 30, 30"})
    void theDriverLearnsFromTheDeviceTreeHowFarTheEngineReaches(int wires, String parameter, int width,
            Machines machines) throws Exception {
        Path disk = disk();
        MachineRun run = machines.boot(options -> options.readOnlyDisk(disk).copierAddressBits(wires)
                .parameter("copier.width", parameter));
        run.type("dmesg", "cp /dev/disk0 /dev/copier", "sha256sum /dev/copier");
        assertThat(run.out()).contains("copier: " + width + " address bits\n")
                .endsWith(Tools.sha256(disk) + "  /dev/copier\n");
        assertThat(bounced(run)).isEqualTo(width < 30 ? 4 * PAGES + STAGING : 0);
        assertThat(run).hasNoViolations();
    }

    @ParameterizedTest
    @CsvSource({"24, ON", "32, ON", "32, FORCE"})
    void shortPiecesGoThroughThePageThatStaysMapped(int width, Swiotlb.Mode mode, Machines machines) throws Exception {
        MachineRun run = machines.boot(options -> options.swiotlb(mode)
                .parameter("copier.width", Integer.toString(width)));
        run.type("echo the first line > /dev/copier", "cat /dev/copier", "echo another > /dev/copier",
                "cat /dev/copier /dev/copier", "dd if=/dev/copier bs=1 skip=2 count=3");
        assertThat(run.out()).isEqualTo("the first line\nanother\nanother\noth");
        assertThat(run).hasNoViolations();
    }

    @Test
    void theFileHasAnEndAndNoHoles(Machines machines) throws Exception {
        Path disk = Disks.random(directory, 5 << 20);
        MachineRun run = machines.boot(options -> options.readOnlyDisk(disk).parameter("copier.width", "24"));
        run.type("dd if=/dev/disk0 of=/dev/copier bs=64K", "dd if=/dev/copier of=/dev/stdout bs=1 skip=4194300 count=8",
                "echo new > /dev/copier", "dd if=/dev/disk0 of=/dev/copier bs=512 seek=9 count=1", "cat /dev/copier");
        assertThat(run.err()).contains("dd: error writing '/dev/copier': No space left on device")
                .contains("dd: error writing '/dev/copier': Invalid argument");
        byte[] all = java.nio.file.Files.readAllBytes(disk);
        assertThat(run.bytes()).startsWith(java.util.Arrays.copyOfRange(all, (4 << 20) - 4, 4 << 20))
                .endsWith("new\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        assertThat(run.bytes()).hasSize(8);
        assertThat(run).hasNoViolations();
    }

    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void manyTasksShareTheEngine(Interleavings interleaving, Machines machines) throws Exception {
        Path disk = disk();
        MachineRun run = machines.boot(options -> options.readOnlyDisk(disk).harts(8).interleaving(interleaving)
                .parameter("copier.width", "24"));
        run.type("cp /dev/disk0 /dev/copier", "sha256sum -j 6 /dev/copier", "sha256sum /dev/copier &",
                "sha256sum /dev/disk0 &", "sha256sum /dev/copier &", "wait");
        String digest = Tools.sha256(disk);
        assertThat(run.out().lines()).hasSize(4).allSatisfy(line -> assertThat(line).startsWith(digest));
        assertThat(run).hasNoViolations();
    }

    /**
     * The user's view: the mapping is refused, the command fails, the machine runs on, and the file keeps no part of
     * the data.
     */
    @Test
    void withoutBouncingAnEngineThatDoesNotReachIsAnErrorOnTheCommandLine() throws Exception {
        Path disk = Disks.random(directory, "off.img", PAGES * PAGE, 3);
        Program.Ended ended = FerriteJar.run(directory, "run", "--disk", "off.img,ro",
                "--swiotlb", "off", "-o", "copier.width=24", "-c",
                "cp /dev/disk0 /dev/copier; sha256sum /dev/copier; sha256sum /dev/disk0; dmesg; swiotlb");
        assertThat(ended.status()).isEqualTo(1);
        assertThat(ended.err()).isEqualTo("cp: error writing '/dev/copier': Input/output error\n");
        assertThat(ended.out())
                .contains("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  /dev/copier\n")
                .contains(Tools.sha256(disk) + "  /dev/disk0\n")
                .containsPattern("dma-controller@f0080000: DMA addr 0x[0-9a-f]+\\+4096 overflow \\(mask 0xffffff\\): "
                        + "the device cannot reach it, and bouncing is off")
                .containsPattern("mode +off").containsPattern("live +0").containsPattern("bounced +0");
    }

    /**
     * The same with bouncing, where necessary and everywhere: 75 pages, on each side, in and out, and the driver's own
     * page.
     */
    @ParameterizedTest
    @CsvSource({"24, on, 301", "32, on, 0", "32, force, 301"})
    void withBouncingTheCommandLineWorksAndCounts(String width, String mode, int bounced) throws Exception {
        Path disk = Disks.random(directory, "on.img", PAGES * PAGE, 4);
        Program.Ended ended = FerriteJar.run(directory, "run", "--disk", "on.img,ro", "--swiotlb", mode, "-o",
                "copier.width=" + width, "-c", "cp /dev/disk0 /dev/copier; sha256sum /dev/copier; swiotlb");
        assertThat(ended.status()).isZero();
        assertThat(ended.err()).isEmpty();
        assertThat(ended.out()).startsWith(Tools.sha256(disk) + "  /dev/copier\n")
                .containsPattern("mode +" + mode).containsPattern("live +1\n")
                .containsPattern("bounced +" + bounced + "\n");
    }

    @Test
    void theCommandLineSaysWhichWidthsThereAre() throws Exception {
        Program.Ended ended = FerriteJar.run(directory, "run", "-o", "copier.width=23", "-c", "echo");
        assertThat(ended.status()).isEqualTo(2);
        assertThat(ended.err()).contains("'23' is not a number of address bits; 24 to 32 would be right");
    }

    // ---- the engine, for other code in the kernel ----

    private static void check(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    private static long map(Kernel kernel, long dev, long va, int bytes, int direction) {
        long dma = kernel.dma().mapping().dmaMapSingle(dev, va, bytes, direction);
        check(kernel.dma().mapping().dmaMappingError(dev, dma) == 0, "not mapped");
        return dma;
    }

    private static void fill(Kernel kernel, long va, int value) {
        kernel.base().memory().fill(va, value, PAGE);
    }

    /**
     * A driver receives into one buffer again and again, as network drivers do, and reads it without {@code
     * dma_sync_single_for_cpu}. The engine reaches the buffer. Without force the mistake does not show, because this
     * machine's harts have coherent caches. With force it shows each time, and with the sync never.
     */
    @ParameterizedTest
    @CsvSource({"ON, false, 20", "ON, true, 20", "FORCE, false, 0", "FORCE, true, 20"})
    void forceShowsAMissingSyncAsWrongBytesEveryTime(Swiotlb.Mode mode, boolean syncs, int right, Machines machines)
            throws Exception {
        InKernel test = new InKernel();
        MachineRun run = machines.boot(options -> options.swiotlb(mode).driver(test));
        int[] seen = {0};
        test.run(run, kernel -> {
            DmaMapping dma = kernel.dma().mapping();
            long dev = kernel.dma().engine().dev();
            long sent = kernel.calls().__getFreePage(Gfp.GFP_KERNEL | Gfp.GFP_DMA);
            long received = kernel.calls().getZeroedPage(Gfp.GFP_KERNEL | Gfp.GFP_DMA);
            long to = map(kernel, dev, received, PAGE, DmaDirection.DMA_FROM_DEVICE);
            for (int round = 1; round <= 20; round++) {
                fill(kernel, sent, round);
                long from = map(kernel, dev, sent, PAGE, DmaDirection.DMA_TO_DEVICE);
                check(kernel.dma().engine().memcpy(to, from, PAGE) == 0, "the engine failed");
                dma.dmaUnmapSingle(dev, from, PAGE, DmaDirection.DMA_TO_DEVICE);
                if (syncs) {
                    dma.dmaSyncSingleForCpu(dev, to, PAGE, DmaDirection.DMA_FROM_DEVICE);
                }
                seen[0] += kernel.base().memory().load8(received) == round
                        && kernel.base().memory().load8(received + PAGE - 1) == round ? 1 : 0;
                if (syncs) {
                    dma.dmaSyncSingleForDevice(dev, to, PAGE, DmaDirection.DMA_FROM_DEVICE);
                }
            }
            dma.dmaUnmapSingle(dev, to, PAGE, DmaDirection.DMA_FROM_DEVICE);
            check(kernel.base().memory().load8(received) == 20, "unmapping brings the last bytes");
            kernel.calls().freePage(sent);
            kernel.calls().freePage(received);
        });
        assertThat(seen[0]).as("rounds with the right bytes").isEqualTo(right);
        assertThat(run).hasNoViolations();
    }

    /**
     * The other direction: the driver writes into a mapped buffer without a sync, and with force the device does not
     * get the new bytes.
     */
    @ParameterizedTest
    @CsvSource({"ON, false, 20", "FORCE, false, 0", "FORCE, true, 20"})
    void forceShowsAMissingSyncForTheDeviceEveryTime(Swiotlb.Mode mode, boolean syncs, int right, Machines machines)
            throws Exception {
        InKernel test = new InKernel();
        MachineRun run = machines.boot(options -> options.swiotlb(mode).driver(test));
        int[] seen = {0};
        test.run(run, kernel -> {
            DmaMapping dma = kernel.dma().mapping();
            long dev = kernel.dma().engine().dev();
            long sent = kernel.calls().getZeroedPage(Gfp.GFP_KERNEL | Gfp.GFP_DMA);
            long received = kernel.calls().getZeroedPage(Gfp.GFP_KERNEL | Gfp.GFP_DMA);
            long from = map(kernel, dev, sent, PAGE, DmaDirection.DMA_TO_DEVICE);
            for (int round = 1; round <= 20; round++) {
                fill(kernel, sent, round);
                if (syncs) {
                    dma.dmaSyncSingleForDevice(dev, from, PAGE, DmaDirection.DMA_TO_DEVICE);
                }
                long to = map(kernel, dev, received, PAGE, DmaDirection.DMA_FROM_DEVICE);
                check(kernel.dma().engine().memcpy(to, from, PAGE) == 0, "the engine failed");
                dma.dmaUnmapSingle(dev, to, PAGE, DmaDirection.DMA_FROM_DEVICE);
                seen[0] += kernel.base().memory().load8(received) == round ? 1 : 0;
            }
            dma.dmaUnmapSingle(dev, from, PAGE, DmaDirection.DMA_TO_DEVICE);
        });
        assertThat(seen[0]).as("rounds with the right bytes").isEqualTo(right);
    }

    /** A driver reads a buffer that it has not unmapped. With force it finds the old bytes each time. */
    @ParameterizedTest
    @CsvSource({"ON, false, 20", "ON, true, 20", "FORCE, false, 0", "FORCE, true, 20"})
    void forceShowsAMissingUnmapAsWrongBytesEveryTime(Swiotlb.Mode mode, boolean unmaps, int right, Machines machines)
            throws Exception {
        InKernel test = new InKernel();
        MachineRun run = machines.boot(options -> options.swiotlb(mode).driver(test));
        int[] seen = {0};
        test.run(run, kernel -> {
            long dev = kernel.dma().engine().dev();
            long sent = kernel.calls().__getFreePage(Gfp.GFP_KERNEL | Gfp.GFP_DMA);
            for (int round = 1; round <= 20; round++) {
                fill(kernel, sent, round);
                long received = kernel.calls().getZeroedPage(Gfp.GFP_KERNEL | Gfp.GFP_DMA);
                long from = map(kernel, dev, sent, PAGE, DmaDirection.DMA_TO_DEVICE);
                long to = map(kernel, dev, received, PAGE, DmaDirection.DMA_FROM_DEVICE);
                check(kernel.dma().engine().memcpy(to, from, PAGE) == 0, "the engine failed");
                kernel.dma().mapping().dmaUnmapSingle(dev, from, PAGE, DmaDirection.DMA_TO_DEVICE);
                if (unmaps) {
                    kernel.dma().mapping().dmaUnmapSingle(dev, to, PAGE, DmaDirection.DMA_FROM_DEVICE);
                }
                seen[0] += kernel.base().memory().load8(received) == round ? 1 : 0;
            }
        });
        assertThat(seen[0]).as("rounds with the right bytes").isEqualTo(right);
    }

    /**
     * Lists of pieces of all sizes in all zones, across pages and next to each other, merged within the engine's
     * limits. Every byte arrives, and no other byte changes.
     */
    @ParameterizedTest
    @CsvSource({"24, ON", "28, ON", "32, ON", "32, FORCE"})
    void listsOfPiecesInAnyZoneAreCopied(int width, Swiotlb.Mode mode, Machines machines) throws Exception {
        Seed seed = Seed.fresh();
        InKernel test = new InKernel();
        MachineRun run = machines.boot(options -> options.swiotlb(mode)
                .parameter("copier.width", Integer.toString(width)).driver(test));
        for (int round = 0; round < 12; round++) {
            Random random = seed.random(round);
            test.run(run, kernel -> copyLists(kernel, random));
        }
        assertThat(run.violations()).as(seed.replay("lists")).isEmpty();
        assertThat(run.board().kernel().dma().mapping().liveMappings(run.board().machine().peek(0))).isZero();
    }

    private static void copyLists(Kernel kernel, Random random) {
        int[] zones = {Gfp.GFP_KERNEL | Gfp.GFP_DMA, Gfp.GFP_KERNEL, Gfp.GFP_HIGHUSER};
        ScatterList sg = kernel.dma().mapping().lists();
        int entries = 1 + random.nextInt(12);
        long lists = kernel.calls().kzalloc(2 * entries * ScatterListLayout.SIZE, Gfp.GFP_KERNEL);
        long[] list = {lists, lists + (long) entries * ScatterListLayout.SIZE};
        long[][] blocks = new long[2][entries];
        int[] total = {0, 0};
        for (int side = 0; side < 2; side++) {
            sg.sgInitTable(list[side], entries);
            for (int i = 0; i < entries; i++) {
                boolean neighbour = i > 0 && i % 2 == 1;
                blocks[side][i] = neighbour ? 0 : kernel.calls().allocPages(zones[random.nextInt(3)], 1);
                long page = neighbour ? blocks[side][i - 1] + 32 : blocks[side][i];
                int offset = neighbour ? 0 : random.nextInt(PAGE);
                int length = neighbour ? 1 + random.nextInt(PAGE) : PAGE - offset;
                sg.sgSetPage(list[side] + (long) i * ScatterListLayout.SIZE, page, length, offset);
                total[side] += length;
            }
        }
        byte[] sent = new byte[total[0]];
        random.nextBytes(sent);
        transfer(kernel, list[0], entries, sent, true);
        byte[] old = new byte[total[1]];
        java.util.Arrays.fill(old, (byte) 0xe7);
        transfer(kernel, list[1], entries, old, true);
        long dev = kernel.dma().engine().dev();
        int from = kernel.dma().mapping().dmaMapSg(dev, list[0], entries, DmaDirection.DMA_TO_DEVICE);
        int to = kernel.dma().mapping().dmaMapSg(dev, list[1], entries, DmaDirection.DMA_FROM_DEVICE);
        check(from > 0 && to > 0, "mapped");
        check(kernel.calls().dmaMemcpySg(list[1], to, list[0], from) == 0, "the engine failed");
        kernel.dma().mapping().dmaUnmapSg(dev, list[0], entries, DmaDirection.DMA_TO_DEVICE);
        kernel.dma().mapping().dmaUnmapSg(dev, list[1], entries, DmaDirection.DMA_FROM_DEVICE);
        byte[] received = new byte[total[1]];
        transfer(kernel, list[1], entries, received, false);
        for (int i = 0; i < received.length; i++) {
            check(received[i] == (i < sent.length ? sent[i] : old[i]), "byte " + i + " of " + received.length);
        }
        for (long[] side : blocks) {
            for (long block : side) {
                if (block != 0) {
                    kernel.calls().__freePages(block, 1);
                }
            }
        }
        kernel.calls().kfree(lists);
    }

    /** Copies between Java and the pieces of a list, by {@code kmap_atomic}. */
    private static void transfer(Kernel kernel, long list, int entries, byte[] bytes, boolean in) {
        ScatterList sg = kernel.dma().mapping().lists();
        int[] done = {0};
        sg.forEachSg(list, entries, (entry, i) -> {
            long va = kernel.mm().kmap().kmapAtomic(sg.sgPage(entry)) + sg.sgOffset(entry);
            if (in) {
                kernel.base().memory().write(va, bytes, done[0], sg.sgLength(entry));
            } else {
                kernel.base().memory().read(va, bytes, done[0], sg.sgLength(entry));
            }
            kernel.mm().kmap().kunmapAtomic(va);
            done[0] += sg.sgLength(entry);
        });
    }

    @Test
    void neighboursAreOneDescriptorAndABoundaryIsAnotherOne(Machines machines) throws Exception {
        InKernel test = new InKernel();
        MachineRun run = machines.boot(options -> options.driver(test));
        test.run(run, kernel -> {
            DmaMapping dma = kernel.dma().mapping();
            long dev = kernel.dma().engine().dev();
            check(dma.dmaGetMaxSegSize(dev) == 64 << 10 && dma.dmaGetSegBoundary(dev) == (1 << 20) - 1,
                    "the driver has set other limits");
            long block = kernel.calls().__getFreePages(Gfp.GFP_KERNEL, 9);
            long sgl = kernel.calls().kzalloc(32 * ScatterListLayout.SIZE, Gfp.GFP_KERNEL);
            dma.lists().sgInitTable(sgl, 32);
            long edge = (kernel.calls().virtToPhys(block) + (1 << 20) & -(1L << 20))
                    - kernel.calls().virtToPhys(block) + block;
            dma.lists().forEachSg(sgl, 32,
                    (entry, i) -> dma.lists().sgSetBuf(entry, edge - 8 * PAGE + (long) i * PAGE, PAGE));
            check(dma.dmaMapSg(dev, sgl, 32, DmaDirection.DMA_TO_DEVICE) == 3,
                    "8 pages to the boundary, 16 of the longest segment, and 8");
            check(dma.lists().sgDmaLen(sgl) == 8 * PAGE && dma.lists()
                    .sgDmaLen(sgl + ScatterListLayout.SIZE) == 16 * PAGE, "the segments");
            dma.dmaUnmapSg(dev, sgl, 32, DmaDirection.DMA_TO_DEVICE);
        });
        assertThat(run).hasNoViolations();
    }

    /** A driver passes a physical address without mapping it. The engine reports a violation, and copies nothing. */
    @Test
    void anAddressThatWasNotMappedIsReportedWithItsOwner(Machines machines) throws Exception {
        InKernel test = new InKernel();
        MachineRun run = machines.boot(options -> options.parameter("copier.width", "24").driver(test));
        test.run(run, kernel -> {
            long dev = kernel.dma().engine().dev();
            long low = kernel.calls().getZeroedPage(Gfp.GFP_KERNEL | Gfp.GFP_DMA);
            long normal = kernel.calls().__getFreePage(Gfp.GFP_KERNEL);
            fill(kernel, normal, 7);
            long to = map(kernel, dev, low, PAGE, DmaDirection.DMA_FROM_DEVICE);
            check(kernel.dma().engine().memcpy(to, kernel.calls().virtToPhys(normal), PAGE) == -Errno.EIO,
                    "the engine did not refuse an address out of reach");
            check(kernel.base().memory().load8(low) == 0, "the engine copied bytes");
            long from = map(kernel, dev, normal, PAGE, DmaDirection.DMA_TO_DEVICE);
            check(kernel.dma().engine().memcpy(to, from, PAGE) == 0 && kernel.base().memory().load8(low) == 7,
                    "the engine failed at the last address in reach");
            check(kernel.dma().engine().memcpy(to, from, 0) == -Errno.EINVAL, "a copy of no bytes is no error");
        });
        assertThat(run.violations()).hasSize(1);
        assertThat(run.err())
                .startsWith("violation dma-above-reach: copier0 was given an address that its 24 bits cannot drive\n")
                .contains("copier0 tried to read 4096 bytes from memory at 0x")
                .contains("it drives 24 bits (below 0x0100_0000)")
                .containsPattern(
                        "4 KiB, order 0, zone Normal\n +allocated at CopyEngineTest.java:\\d+ by task \\d+ 'cat'")
                .contains("set the mask to what the device tree says");
        run.forgetOutput().type("dmesg");
        assertThat(run.out()).containsPattern("copier: error 2 at bus address 0x[0-9a-f]+ after 0 bytes");
    }

    // ---- snapshots ----

    /** The driver's page stays mapped between two commands, with 24 bits through a bounce buffer. */
    @ParameterizedTest
    @ValueSource(strings = {"24", "32"})
    void aSnapshotWithLiveMappingsGoesOnAsTheMachineDid(String width, Machines machines) throws Exception {
        Path disk = disk();
        MachineRun run = machines.boot(options -> options.readOnlyDisk(disk).interleaving(Interleavings.RANDOM)
                .parameter("copier.width", width));
        String[] rest = {"cat /dev/copier", "cp /dev/disk0 /dev/copier", "echo short > /dev/copier", "cat /dev/copier"};
        run.type("echo before > /dev/copier");
        assertThat(run.board().kernel().dma().mapping().liveMappings(run.board().machine().peek(0))).isEqualTo(1);
        assertThat(bounced(run) > 0).isEqualTo(width.equals("24"));
        ferrite.hardware.Machine.Snapshot snapshot = run.board().snapshot();
        ferrite.hardware.Machine.Digest then = run.digest();
        run.type(rest);
        ferrite.hardware.Machine.Digest end = run.digest();
        String out = run.out();
        run.board().restore(snapshot);
        assertThat(run.digest()).isEqualTo(then);
        run.forgetOutput().type(rest);
        assertThat(run.out()).isEqualTo(out);
        assertThat(run.digest()).as("after going back").isEqualTo(end);
        run.board().restore(snapshot);
        run.board().reattach();
        run.forgetOutput().type(rest);
        assertThat(run.digest()).as("with another kernel object").isEqualTo(end);
        assertThat(run).hasNoViolations();
    }
}
