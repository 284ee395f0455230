package ferrite.kernel.block;

import static ferrite.kernel.KernelFixture.check;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.Seed;
import ferrite.hardware.turn.Interleavings;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.KernelFixture.Job;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.fs.Fcntl;
import ferrite.kernel.fs.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Disks, queues, bios and the cache, by a disk of the test's. */
@Timeout(60)
class BlockTest {

    private static final int PAGE = 4096;
    private static final int SECTORS = 1024;

    private KernelFixture fixture = KernelFixture.options().ram(32L << 20).harts(1).boot();
    private RamDisk ram = new RamDisk(fixture, SECTORS);
    private final List<String> ended = new ArrayList<>();
    private long endIo;

    @AfterEach
    void close() {
        fixture.close();
    }

    private KernelCalls calls() {
        return fixture.kernel().calls();
    }

    private KernelMemory memory() {
        return fixture.memory();
    }

    private Files files() {
        return fixture.kernel().files();
    }

    private void end(long bio) {
        ended.add(BioLayout.PRIVATE.get(memory(), bio) + ":" + BioLayout.STATUS.get(memory(), bio));
        calls().bioPut(bio);
    }

    /** Submits a bio of one page's first sectors. Its number is told when it ends. */
    private void submit(int operation, long page, long sector, int count) {
        endIo = endIo != 0 ? endIo : fixture.text("test_end_io", (BioEndIo) this::end);
        long bio = calls().bioAlloc(Gfp.GFP_KERNEL);
        BioLayout.DISK.set(memory(), bio, ram.disk);
        BioLayout.OPF.set(memory(), bio, operation);
        BioLayout.SECTOR.set(memory(), bio, sector);
        BioLayout.END_IO.set(memory(), bio, endIo);
        BioLayout.PRIVATE.set(memory(), bio, sector);
        check(calls().bioAddPage(bio, page, count * RamDisk.SECTOR, 0) == count * RamDisk.SECTOR, "it fits");
        calls().submitBio(bio);
    }

    /** Runs a body whose bios wait for each other. In a task. */
    private void plugged(Runnable body) {
        calls().onStack(BlkPlugLayout.SIZE, plug -> {
            calls().blkStartPlug(plug);
            body.run();
            calls().blkFinishPlug(plug);
            return 0;
        });
    }

    private void withDisk(Runnable body) {
        fixture.run(() -> {
            ram.add("ram");
            body.run();
            ram.remove();
        });
    }

    // ---- queues ----

    @Test
    void neighboursAreMergedBeforeBehindAndInAGap() {
        withDisk(() -> {
            long page = calls().allocPage(Gfp.GFP_KERNEL);
            plugged(() -> {
                for (int sector : new int[] {16, 32, 24, 8, 100}) {
                    submit(BioLayout.REQ_OP_READ, page, sector, 8);
                }
                submit(BioLayout.REQ_OP_WRITE, page, 40, 8);
                check(ram.requests.isEmpty(), "a plug keeps them");
            });
            calls().__freePage(page);
        });
        assertThat(ram.requests).containsExactly("R 8+32", "W 40+8", "R 100+8");
        assertThat(ended).containsExactly("8:0", "16:0", "24:0", "32:0", "40:0", "100:0");
        assertThat(fixture.log).noneMatch(line -> line.contains("ram"));
    }

    @Test
    void aRequestStaysWithinTheLimitsAndTheSweepGoesOnFromWhereItWas() {
        fixture.run(() -> {
            ram.add("ram");
            calls().blkQueueMaxHwSectors(ram.queue, 16);
            calls().blkQueueMaxSegments(ram.queue, 2);
            calls().blkQueueMaxSegmentSize(ram.queue, PAGE);
            calls().blkQueueLogicalBlockSize(ram.queue, RamDisk.SECTOR);
            long page = calls().allocPage(Gfp.GFP_KERNEL);
            submit(BioLayout.REQ_OP_READ, page, 500, 8);
            plugged(() -> {
                for (int sector : new int[] {0, 8, 16, 600, 602, 604}) {
                    submit(BioLayout.REQ_OP_READ, page, sector, sector < 100 ? 8 : 2);
                }
            });
            check(ram.requests.equals(List.of("R 500+8", "R 600+4", "R 604+2", "R 0+16", "R 16+8")),
                    ram.requests.toString());
            long stats = GendiskLayout.STATS.at(ram.disk);
            check(DiskStatsLayout.MERGES.get(memory(), stats, 0) == 2, "merges are counted");
            check(DiskStatsLayout.IOS.get(memory(), stats, 0) == 5, "requests are counted");
            check(DiskStatsLayout.SECTORS.get(memory(), stats, 0) == 38, "sectors are counted");
            check(DiskStatsLayout.IN_FLIGHT.get(memory(), stats) == 0, "none is in flight");
            calls().__freePage(page);
            ram.remove();
        });
    }

    @Test
    void aStoppedQueueKeepsItsRequestsAndADriverEndsOneInSteps() {
        withDisk(() -> {
            long page = calls().allocPage(Gfp.GFP_KERNEL);
            long lock = RequestQueueLayout.QUEUE_LOCK.get(memory(), ram.queue);
            calls().spinLockIrq(lock);
            calls().blkStopQueue(ram.queue);
            calls().spinUnlockIrq(lock);
            plugged(() -> {
                submit(BioLayout.REQ_OP_READ, page, 8, 8);
                submit(BioLayout.REQ_OP_READ, page, 16, 8);
            });
            submit(BioLayout.REQ_OP_READ, page, 32, 8);
            calls().blkRunQueue(ram.queue);
            check(ended.isEmpty(), "nothing is served");
            calls().spinLockIrq(lock);
            long request = calls().blkFetchRequest(ram.queue);
            calls().spinUnlockIrq(lock);
            check(calls().blkEndRequest(request, 0, 6 * RamDisk.SECTOR) && ended.isEmpty(), "a part of a bio");
            check(calls().blkEndRequest(request, 0, 4 * RamDisk.SECTOR), "and the rest");
            check(ended.equals(List.of("8:0")), ended.toString());
            check(calls().blkRqPos(request) == 18 && calls().blkRqBytes(request) == 6 * RamDisk.SECTOR, "what is left");
            check(!calls().blkEndRequest(request, -Errno.ENODEV, 6 * RamDisk.SECTOR), "all");
            calls().spinLockIrq(lock);
            calls().blkStartQueue(ram.queue);
            calls().spinUnlockIrq(lock);
            check(ended.equals(List.of("8:0", "16:-19", "32:0")), ended.toString());
            calls().__freePage(page);
        });
    }

    @Test
    void anErrorInAMergedRequestReachesTheBioOfTheSector() {
        ram.bad = 27;
        withDisk(() -> {
            long page = calls().allocPage(Gfp.GFP_KERNEL);
            plugged(() -> {
                for (int sector = 8; sector < 48; sector += 8) {
                    submit(BioLayout.REQ_OP_READ, page, sector, 8);
                }
            });
            submit(BioLayout.REQ_OP_READ, page, SECTORS - 4, 8);
            calls().__freePage(page);
        });
        assertThat(ram.requests.get(0)).isEqualTo("R 8+40");
        assertThat(ended).containsExactlyInAnyOrder("8:0", "16:0", "24:-5", "32:0", "40:0", SECTORS - 4 + ":-5");
    }

    // ---- files ----

    private int open(int flags) {
        int file = files().open("/dev/ram", flags);
        check(file >= 0, "open: " + file);
        return file;
    }

    private byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(1).nextBytes(bytes);
        return bytes;
    }

    /** Reads the whole disk in pieces, and returns the number of requests. */
    private int readAll(int piece) {
        ram.requests.clear();
        int file = open(Fcntl.O_RDONLY);
        long buffer = calls().kmalloc(piece, Gfp.GFP_KERNEL);
        byte[] read = new byte[ram.bytes.length];
        int done = 0;
        for (int count = files().read(file, buffer, piece); count > 0; count = files().read(file, buffer, piece)) {
            memory().read(buffer, read, done, count);
            done += count;
        }
        check(Arrays.equals(read, ram.bytes), "the bytes of the disk");
        files().close(file);
        calls().kfree(buffer);
        return ram.requests.size();
    }

    @Test
    void readAheadSavesRequestsAndNeedsNone() {
        System.arraycopy(random(ram.bytes.length), 0, ram.bytes, 0, ram.bytes.length);
        withDisk(() -> {
            check(readAll(PAGE) == 7, "requests: " + ram.requests);
            check(ram.requests.subList(0, 5).equals(List.of("R 0+32", "R 32+64", "R 96+128", "R 224+256", "R 480+256")),
                    "windows of 4, 8, 16 and 32 pages: " + ram.requests);
            calls().blkQueueReadAhead(ram.queue, 0);
            check(readAll(PAGE) == SECTORS / 8, "a request for each page: " + ram.requests);
            check(readAll(16 * PAGE) == SECTORS / 128, "a request for each read: " + ram.requests);
        });
        assertThat(ReadAhead.firstWindow(1, 32)).isEqualTo(4);
        assertThat(ReadAhead.firstWindow(16, 32)).isEqualTo(32);
        assertThat(ReadAhead.nextWindow(1, 32)).isEqualTo(4);
        assertThat(ReadAhead.nextWindow(8, 32)).isEqualTo(16);
        assertThat(ReadAhead.nextWindow(32, 32)).isEqualTo(32);
    }

    @Test
    void aBadSectorFailsTheReadOfItsPageAndNoReadAheadOfIt() {
        ram.bad = 20 * 8;
        withDisk(() -> {
            int file = open(Fcntl.O_RDONLY);
            long buffer = calls().kmalloc(PAGE, Gfp.GFP_KERNEL);
            for (int page = 0; page < 24; page++) {
                int count = files().read(file, buffer, PAGE);
                check(count == (page == 20 ? -Errno.EIO : PAGE), "page " + page + ": " + count);
                if (page == 20) {
                    files().lseek(file, 21 * PAGE, Fcntl.SEEK_SET);
                }
            }
            ram.bad = -1;
            files().lseek(file, 20 * PAGE, Fcntl.SEEK_SET);
            check(files().read(file, buffer, PAGE) == PAGE, "the error is not kept");
            files().close(file);
            calls().kfree(buffer);
        });
    }

    /** {@code blkdev_llseek}: the end is a position, and no place after it is. */
    @Test
    void noPositionIsPastTheEndOfADisk() {
        long end = (long) SECTORS * RamDisk.SECTOR;
        withDisk(() -> {
            int file = open(Fcntl.O_RDWR);
            long buffer = calls().kmalloc(PAGE, Gfp.GFP_KERNEL);
            for (long[] each : new long[][] {{end, Fcntl.SEEK_SET, end}, {end + 1, Fcntl.SEEK_SET, -Errno.EINVAL},
                    {1, Fcntl.SEEK_CUR, -Errno.EINVAL}, {0, Fcntl.SEEK_CUR, end}, {-1, Fcntl.SEEK_CUR, end - 1},
                    {1, Fcntl.SEEK_CUR, end}, {1, Fcntl.SEEK_END, -Errno.EINVAL}, {-end, Fcntl.SEEK_END, 0},
                    {-end - 1, Fcntl.SEEK_END, -Errno.EINVAL}, {-1, Fcntl.SEEK_SET, -Errno.EINVAL},
                    {Long.MAX_VALUE, Fcntl.SEEK_END, -Errno.EINVAL}, {5, Fcntl.SEEK_DATA, -Errno.EINVAL},
                    {5, Fcntl.SEEK_HOLE, -Errno.EINVAL}, {0, Fcntl.SEEK_CUR, 0}, {0, Fcntl.SEEK_END, end}}) {
                long result = files().lseek(file, each[0], (int) each[1]);
                check(result == each[2], Arrays.toString(each) + ": " + result);
            }
            check(files().read(file, buffer, PAGE) == 0, "there are no bytes at the end");
            check(files().write(file, buffer, PAGE) == -Errno.ENOSPC, "there is no space at the end");
            check(files().lseek(file, -1, Fcntl.SEEK_CUR) == end - 1, "before the last byte");
            check(files().write(file, buffer, PAGE) == 1, "one byte has space");
            files().close(file);
            calls().kfree(buffer);
        });
    }

    @Test
    void aWriteThatFailsSaysSoAndTheOldBytesAreReadAgain() {
        ram.bytes[100] = 7;
        withDisk(() -> {
            int file = open(Fcntl.O_RDWR);
            long buffer = calls().kzalloc(PAGE, Gfp.GFP_KERNEL);
            ram.bad = 0;
            check(files().write(file, buffer, PAGE) == -Errno.EIO, "the write fails");
            ram.bad = -1;
            check(files().read(file, buffer, PAGE) == PAGE && memory().load8(buffer + 100) == 7, "the old bytes");
            files().close(file);
            calls().kfree(buffer);
        });
    }

    @Test
    void commandsTellSizesReadAheadAndGeometryAndTheDriverTheRest() {
        withDisk(() -> {
            int file = open(Fcntl.O_RDWR);
            long word = calls().kzalloc(64, Gfp.GFP_KERNEL);
            check(files().ioctl(file, BlkIoctl.BLKGETSIZE64, word) == 0, "BLKGETSIZE64");
            check(memory().load32(word) == SECTORS * RamDisk.SECTOR && memory().load32(word + 4) == 0, "the bytes");
            check(files().ioctl(file, BlkIoctl.BLKGETSIZE, word) == 0 && memory().load32(word) == SECTORS, "sectors");
            check(files().ioctl(file, BlkIoctl.BLKSSZGET, word) == 0 && memory().load32(word) == 512, "BLKSSZGET");
            check(files().ioctl(file, BlkIoctl.BLKBSZGET, word) == 0 && memory().load32(word) == PAGE, "BLKBSZGET");
            check(files().ioctl(file, BlkIoctl.BLKRASET, 64) == 0, "BLKRASET");
            check(files().ioctl(file, BlkIoctl.BLKRAGET, word) == 0 && memory().load32(word) == 64, "BLKRAGET");
            check(files().ioctl(file, BlkIoctl.HDIO_GETGEO, word) == -Errno.ENOTTY, "no geometry");
            check(files().ioctl(file, BlkIoctl.BLKFLSBUF, 0) == 0, "BLKFLSBUF");
            check(files().ioctl(file, 1, 5) == 5 && files().ioctl(file, 2, 0) == -Errno.ENOTTY, "the driver's own");
            memory().store32(word, 1);
            check(files().ioctl(file, BlkIoctl.BLKROSET, word) == 0, "BLKROSET");
            check(files().ioctl(file, BlkIoctl.BLKROGET, word) == 0 && memory().load32(word) == 1, "BLKROGET");
            check(files().write(file, word, 1) == -Errno.EROFS, "it is read-only now");
            check(calls().getCapacity(ram.disk) == SECTORS, "get_capacity");
            files().close(file);
            calls().kfree(word);
        });
        assertThat(fixture.takeViolations()).isEmpty();
    }

    @Test
    void aFileOfADeletedDiskFailsAndItsCloseFreesTheDisk() {
        fixture.run(() -> {
            ram.add("ram");
            int file = open(Fcntl.O_RDWR);
            long buffer = calls().kzalloc(PAGE, Gfp.GFP_KERNEL);
            check(files().read(file, buffer, PAGE) == PAGE, "read");
            ram.remove();
            check(files().read(file, buffer, PAGE) == -Errno.ENODEV, "it is gone");
            check(files().write(file, buffer, PAGE) == -Errno.ENODEV, "for writes too");
            check(files().open("/dev/ram", Fcntl.O_RDONLY) == -Errno.ENOENT, "and so is its name");
            check(ram.opened == 1, "its file is open");
            files().close(file);
            check(ram.opened == 0, "it is closed");
            ram.add("ram");                            // what the first disk has made stays
            ram.remove();
            calls().kfree(buffer);
        });
        assertThat(fixture.proc("slabinfo")).containsPattern("buffer_head +0 ").containsPattern("blkdev_requests +4 ");
    }

    @Test
    void aChangedMediumIsReadAnew() {
        withDisk(() -> {
            int first = open(Fcntl.O_RDONLY);
            long buffer = calls().kzalloc(PAGE, Gfp.GFP_KERNEL);
            files().read(first, buffer, PAGE);
            ram.bytes[0] = 5;
            int second = open(Fcntl.O_RDONLY);
            check(files().read(second, buffer, PAGE) == PAGE && memory().load8(buffer) == 0, "from the cache");
            ram.isChanged = true;
            int third = open(Fcntl.O_RDONLY);
            check(files().read(third, buffer, PAGE) == PAGE && memory().load8(buffer) == 5, "the new medium");
            for (int file : new int[] {first, second, third}) {
                files().close(file);
            }
            calls().kfree(buffer);
        });
    }

    /** A disk of 16 MiB is more than its share of 32 MiB; then a task takes all memory. */
    @Test
    void theCacheIsBoundedAndGivesItsMemoryBack() {
        ram = new RamDisk(fixture, 16 << 11);
        withDisk(() -> {
            int file = open(Fcntl.O_RDONLY);
            long buffer = calls().kmalloc(16 * PAGE, Gfp.GFP_KERNEL);
            long most = 0;
            while (files().read(file, buffer, 16 * PAGE) > 0) {
                most = Math.max(most, GendiskLayout.PAGES.get(memory(), ram.disk));
            }
            check(most > 400 && most <= 512, "a sixteenth of memory: " + most);
            List<Long> pages = new ArrayList<>();
            for (long page = calls().allocPage(Gfp.GFP_KERNEL | Gfp.__GFP_NORETRY | Gfp.__GFP_NOWARN); page != 0;
                    page = calls().allocPage(Gfp.GFP_KERNEL | Gfp.__GFP_NORETRY | Gfp.__GFP_NOWARN)) {
                pages.add(page);
            }
            check(GendiskLayout.PAGES.get(memory(), ram.disk) == 0, "all was given back: "
                    + GendiskLayout.PAGES.get(memory(), ram.disk));
            pages.forEach(calls()::__freePage);
            files().close(file);
            calls().kfree(buffer);
        });
    }

    /** Tasks write and read pieces of any size in their own thirds of a disk; they share the sectors at the borders. */
    @Test
    void randomPiecesOfManyTasksAgreeWithAModel() {
        fixture.close();
        Seed seed = Seed.fresh();
        Random random = seed.random(0);
        fixture = KernelFixture.options().ram(32L << 20).harts(3).interleaving(Interleavings.RANDOM, random.nextLong())
                .boot();
        ram = new RamDisk(fixture, 100);
        byte[] model = new byte[ram.bytes.length];
        fixture.run(() -> ram.add("ram"));
        int third = model.length / 3;
        List<Job> jobs = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            int from = i * third;
            Random own = seed.random(1 + i);
            jobs.add(Job.on(i, () -> writeAndRead(own, model, from, third)));
        }
        fixture.run(jobs);
        fixture.run(ram::remove);
        assertThat(Arrays.copyOf(ram.bytes, 3 * third)).as(seed.replay("random pieces"))
                .isEqualTo(Arrays.copyOf(model, 3 * third));
    }

    private void writeAndRead(Random random, byte[] model, int from, int length) {
        int file = open(Fcntl.O_RDWR);
        long buffer = calls().kmalloc(8 * PAGE, Gfp.GFP_KERNEL);
        for (int i = 0; i < 40; i++) {
            int at = random.nextInt(length - 1);
            int count = 1 + random.nextInt(Math.min(random.nextBoolean() ? 600 : 8 * PAGE, length - at) - 1 | 1);
            byte[] bytes = new byte[count];
            files().lseek(file, from + at, Fcntl.SEEK_SET);
            if (random.nextBoolean()) {
                random.nextBytes(bytes);
                memory().write(buffer, bytes, 0, count);
                int written = files().write(file, buffer, count);
                check(written == count, written + " bytes of " + count + " were written");
                System.arraycopy(bytes, 0, model, from + at, count);
            } else {
                check(files().read(file, buffer, count) == count, "read");
                memory().read(buffer, bytes, 0, count);
                check(Arrays.equals(bytes, 0, count, model, from + at, from + at + count), "what was written");
            }
        }
        files().close(file);
        calls().kfree(buffer);
    }

    /** A write of eight pages meets one of the last of them, which has its place in the cache first or second. */
    @Test
    void writesThatMeetInTheCacheAreWhole() {
        fixture.close();
        fixture = KernelFixture.options().ram(32L << 20).harts(2).interleaving(Interleavings.RANDOM, 6).boot();
        int rounds = 60;
        ram = new RamDisk(fixture, rounds * 8 * PAGE / RamDisk.SECTOR);
        fixture.run(() -> ram.add("ram"));
        int[] begun = new int[2];
        List<Integer> written = new ArrayList<>();
        fixture.run(List.of(Job.on(0, () -> writeInStep(begun, 0, rounds, written)),
                Job.on(1, () -> writeInStep(begun, 1, rounds, written))));
        fixture.run(ram::remove);
        assertThat(written).hasSize(2 * rounds).containsOnly(PAGE, 8 * PAGE);
        assertThat(written.stream().filter(count -> count == PAGE)).hasSize(rounds);
    }

    /** The driver notices it while it serves the first part of a write, whether the rest is in the cache or not. */
    @Test
    void aWriteIsShortIfTheMediumBecomesSmallerMeanwhile() {
        int chunk = BufferHeadLayout.MAX_PAGES * PAGE;
        List<Integer> written = new ArrayList<>();
        withDisk(() -> {
            int file = open(Fcntl.O_RDWR);
            long buffer = calls().kzalloc(2 * chunk, Gfp.GFP_KERNEL);
            for (int more : new int[] {0, 2, 11}) {
                for (boolean isCached : new boolean[] {false, true}) {
                    files().lseek(file, isCached ? 0 : 2L * chunk, Fcntl.SEEK_SET);
                    int position = isCached ? 0 : 2 * chunk;
                    if (isCached) {
                        files().write(file, buffer, 2 * chunk);
                        files().lseek(file, 0, Fcntl.SEEK_SET);
                    }
                    ram.before = () -> calls().setCapacity(ram.disk, (position + chunk) / RamDisk.SECTOR + more);
                    written.add(files().write(file, buffer, 2 * chunk) - chunk - more * RamDisk.SECTOR);
                    check(files().write(file, buffer, 1) == -Errno.ENOSPC, "the end");
                    ram.before = () -> { };
                    calls().setCapacity(ram.disk, ram.bytes.length / RamDisk.SECTOR);
                }
            }
            files().close(file);
            calls().kfree(buffer);
        });
        assertThat(written).hasSize(6).containsOnly(0);
    }

    @Test
    void writesToAMediumThatChangesItsSizeAllEnd() {
        fixture.close();
        fixture = KernelFixture.options().ram(32L << 20).harts(3).interleaving(Interleavings.RANDOM, 8).boot();
        int chunk = BufferHeadLayout.MAX_PAGES * PAGE;
        ram = new RamDisk(fixture, chunk / RamDisk.SECTOR);
        fixture.run(() -> ram.add("ram"));
        int[] left = {2};
        List<Integer> written = new ArrayList<>();
        KernelFixture.Body writer = () -> {
            int file = open(Fcntl.O_RDWR);
            long buffer = calls().kzalloc(chunk, Gfp.GFP_KERNEL);
            for (int i = 0; i < 60; i++) {
                files().lseek(file, i % 3 * PAGE, Fcntl.SEEK_SET);
                written.add(files().write(file, buffer, chunk - i % 3 * PAGE));
            }
            files().close(file);
            calls().kfree(buffer);
            left[0]--;
        };
        fixture.run(List.of(Job.on(0, writer), Job.on(1, writer), Job.on(2, () -> {
            for (int i = 0; left[0] > 0; i++) {
                calls().setCapacity(ram.disk, 8 + i * 37 % (chunk / RamDisk.SECTOR - 8));
                calls().udelay(i % 5);
            }
        })));
        fixture.run(ram::remove);
        assertThat(written).hasSize(120).allMatch(count -> count > 0 && count <= chunk || count == -Errno.EIO
                || count == -Errno.ENOSPC);
    }

    private void writeInStep(int[] begun, int task, int rounds, List<Integer> written) {
        int file = open(Fcntl.O_RDWR);
        int count = task == 0 ? 8 * PAGE : PAGE;
        long buffer = calls().kzalloc(count, Gfp.GFP_KERNEL);
        for (int i = 0; i < rounds; i++) {
            files().lseek(file, (8L * i + 7 * task) * PAGE, Fcntl.SEEK_SET);
            begun[task] = i;
            while (begun[1 - task] < i) {
                calls().cpuRelax();
            }
            written.add(files().write(file, buffer, count));
        }
        files().close(file);
        calls().kfree(buffer);
    }

    // ---- looking ----

    @Test
    void procAndSysHaveLinuxsFormats() {
        withDisk(() -> {
            check(readAll(16 * PAGE) == 4, "requests: " + ram.requests);
            int file = open(Fcntl.O_WRONLY);
            long buffer = calls().kzalloc(PAGE, Gfp.GFP_KERNEL);
            files().write(file, buffer, 700);
            files().close(file);
            calls().kfree(buffer);
        });
        fixture.run(() -> ram.add("ram"));
        assertThat(fixture.proc("partitions"))
                .isEqualTo("major minor  #blocks  name\n\n 254        0        512 ram\n");
        assertThat(fixture.proc("diskstats")).isEqualTo(" 254       0 ram 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n");
        assertThat(fixture.proc("devices")).endsWith("\nBlock devices:\n254 ram\n");
        fixture.run(ram::remove);
        assertThat(fixture.proc("partitions")).isEmpty();
    }
}
