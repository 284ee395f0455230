package ferrite.scenarios;

import ferrite.hardware.clock.Clock;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.Kernel;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.driver.Modules;
import ferrite.kernel.fs.Fcntl;
import ferrite.kernel.fs.Ioctl;
import ferrite.kernel.net.InternetAddress;
import ferrite.kernel.net.Ipv4;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * The work of {@link SoakTest} with drivers: a program for each device, which uses its file in random steps and checks
 * each byte that it gets. An error number that the lack of memory or a fault of the device explains is no mistake.
 */
final class DriverSoak {

    /** A program: a name for people, and one of its steps. */
    record Work(String name, Step step) { }

    /** A step of a program. A program that keeps something beyond it gives it back in its last step. */
    interface Step {
        void go(Random random, boolean last);
    }

    private static final List<Integer> EXPLAINED = List.of(-Errno.ENOMEM, -Errno.EIO, -Errno.EAGAIN, -Errno.EBUSY,
            -Errno.ENOSPC, -Errno.ENODEV, -Errno.ENOBUFS, -Errno.ERESTARTSYS, -Errno.EINTR);
    private static final String[] TEXTS = {"/proc/slabinfo", "/proc/buddyinfo", "/proc/meminfo", "/proc/interrupts",
        "/proc/net/dev", "/proc/net/arp", "/proc/vmallocinfo", "/proc/iomem", "/proc/modules", "/proc/scullmem",
        "/proc/scullseq", "/proc/currentime", "/proc/jitasklet", "/proc/jitasklethi", "/proc/jitimer",
        "/proc/jitschedto", "/proc/jiqwq", "/proc/jiqtasklet", "/proc/jiqtimer", "/proc/scullpmem",
        "/sys/class/sculld/sculld0/size", "/proc/vda_stat", "/proc/stat", "/proc/zoneinfo"};
    private static final int SPEED = Ioctl._IOWR('P', 2, 4);
    private static final int READ_TIME = Ioctl._IOR('p', 9, 36);
    private static final int SET_ALARM = Ioctl._IOW('p', 7, 36);
    private static final int ALARM_ON = Ioctl._IO('p', 1);
    private static final int ALARM_OFF = Ioctl._IO('p', 2);
    private static final int PAGE = 4096;
    /** The least room for a line of /proc/jitschedto and its kin. */
    private static final int LINE = 20;
    private static final int SIGINT = 2;
    private static final int MASK = 0xffff_ff00;
    private static final int PIPE_PERIOD = 251;

    private final Kernel kernel;
    private final KernelMemory memory;
    private final BooleanSupplier ends;
    private final List<Work> works = new ArrayList<>();
    private int sleepers;
    private int answers;
    private long checked;
    private long refused;

    /** @param ends tells the programs that do not count their steps to end */
    DriverSoak(Kernel kernel, BooleanSupplier ends) {
        this.kernel = kernel;
        this.memory = kernel.base().memory();
        this.ends = ends;
    }

    List<Work> works() {
        return works;
    }

    /** Returns the bytes that were compared, for the proof that there was work. */
    long checked() {
        return checked;
    }

    /** Returns the steps that an error ended. */
    long refused() {
        return refused;
    }

    int answers() {
        return answers;
    }

    private void add(String name, Step step) {
        works.add(new Work(name, step));
    }

    // ---- system calls ----

    /** Returns whether a call succeeded; else its error is one that may come. */
    private boolean ok(long result, String what) {
        if (result >= 0) {
            return true;
        }
        refused++;
        if (!EXPLAINED.contains((int) result)) {
            throw new AssertionError(what + ": " + Errno.message((int) result));
        }
        return false;
    }

    private interface Use {
        void of(int file, long page);
    }

    /** Opens a file and takes a page for its bytes; gives both back after the use. */
    private void use(String path, int flags, Use use) {
        long page = kernel.calls().__getFreePages(Gfp.GFP_KERNEL | Gfp.__GFP_NOWARN, 1);
        int file = page == 0 ? -Errno.ENOMEM : kernel.files().open(path, flags);
        if (ok(file, "open " + path)) {
            use.of(file, page);
            ok(kernel.files().close(file), "close " + path);
        }
        if (page != 0) {
            kernel.calls().freePages(page, 1);
        }
    }

    private byte[] bytes(long page, int count) {
        byte[] bytes = new byte[count];
        memory.read(page, bytes, 0, count);
        return bytes;
    }

    private void compare(byte[] found, byte[] expected, int at, String what) {
        byte[] part = Arrays.copyOfRange(expected, at, at + found.length);
        if (!Arrays.equals(found, part)) {
            int place = Arrays.mismatch(found, part);
            throw new AssertionError(what + " has other bytes from " + (at + place) + ": " + found[place] + " for "
                    + part[place]);
        }
        checked += found.length;
    }

    // ---- bytes that are only read ----

    void readsFrom(String path, byte[] contents) {
        add("reads " + path, (random, last) -> use(path, Fcntl.O_RDONLY, (file, page) -> {
            int at = random.nextInt(contents.length);
            kernel.files().lseek(file, at, Fcntl.SEEK_SET);
            int read = kernel.files().read(file, page, 1 + random.nextInt(2 * PAGE));
            if (ok(read, "read " + path)) {
                compare(bytes(page, read), contents, at, path);
            }
        }));
    }

    /** Reads random bytes, texts and lines, whose contents are not known. */
    void readsRandomBytesAndTexts() {
        add("reads /dev/hwrng", (random, last) -> use("/dev/hwrng", Fcntl.O_RDONLY, (file, page) ->
                ok(kernel.files().read(file, page, 1 + random.nextInt(200)), "read /dev/hwrng")));
        add("reads texts", (random, last) -> {
            String path = TEXTS[random.nextInt(TEXTS.length)];
            use(path, Fcntl.O_RDONLY, (file, page) -> {
                int read = 1;
                for (int i = 0; i < 20 && read > 0; i++) {
                    read = kernel.files().read(file, page, LINE + random.nextInt(2000));
                    ok(read, "read " + path);
                }
            });
        });
    }

    /** Reads numbered lines of a terminal, which it has open all the time, without waiting: each follows its last. */
    void readsLines(String path) {
        int[] file = {-1};
        StringBuilder line = new StringBuilder();
        int[] expected = {-1};
        add("reads " + path, (random, last) -> {
            if (file[0] < 0) {
                file[0] = kernel.files().open(path, Fcntl.O_RDWR | Fcntl.O_NONBLOCK);
            }
            long page = kernel.calls().__getFreePage(Gfp.GFP_KERNEL | Gfp.__GFP_NOWARN);
            if (ok(file[0], "open " + path) && page != 0) {
                int read = kernel.files().read(file[0], page, 1 + random.nextInt(100));
                if (ok(read, "read " + path)) {
                    line.append(new String(bytes(page, read), StandardCharsets.US_ASCII));
                    checkLines(line, expected);
                }
            }
            kernel.calls().freePage(page);
            if (last && file[0] >= 0) {
                ok(kernel.files().close(file[0]), "close " + path);
            }
            kernel.calls().msleep(1);
        });
    }

    /** The first line may be a part of one, whose beginning a program before has read. */
    private void checkLines(StringBuilder text, int[] expected) {
        for (int end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n")) {
            String line = text.substring(0, end);
            if (expected[0] >= 0 && !line.equals(Integer.toString(expected[0]))) {
                throw new AssertionError("'" + line + "' follows line " + (expected[0] - 1));
            }
            expected[0] = expected[0] == -1 ? -2 : Integer.parseInt(line) + 1;
            checked += end;
            text.delete(0, end + 1);
        }
    }

    // ---- bytes that are written and read again ----

    /** A part of a file, which one program has for itself. */
    void rewrites(String path, int from, int size) {
        byte[] contents = new byte[size];
        boolean[] known = new boolean[size];
        add("rewrites " + path + " at " + from, (random, last) -> use(path, Fcntl.O_RDWR, (file, page) -> {
            int at = random.nextInt(size);
            int count = 1 + random.nextInt(Math.min(size - at, 2 * PAGE));
            kernel.files().lseek(file, from + at, Fcntl.SEEK_SET);
            if (random.nextBoolean()) {
                byte[] piece = new byte[count];
                random.nextBytes(piece);
                memory.write(page, piece, 0, count);
                Arrays.fill(known, at, at + count, false);
                int written = kernel.files().write(file, page, count);
                if (ok(written, "write " + path)) {
                    System.arraycopy(piece, 0, contents, at, written);
                    Arrays.fill(known, at, at + written, true);
                }
                return;
            }
            int read = kernel.files().read(file, page, count);
            if (ok(read, "read " + path)) {
                byte[] found = bytes(page, read);
                for (int i = 0; i < read; i++) {
                    if (known[at + i] && found[i] != contents[at + i]) {
                        throw new AssertionError(path + " has " + found[i] + " for " + contents[at + i] + " at "
                                + (from + at + i));
                    }
                    checked += known[at + i] ? 1 : 0;
                }
                if (read == 0 && known[at]) {
                    throw new AssertionError(path + " ends at " + (from + at));
                }
            }
        }));
    }

    /** Writes to the copy engine's file, which keeps the bytes, and reads them. */
    void copies() {
        add("copies", (random, last) -> use("/dev/copier", Fcntl.O_RDWR, (file, page) -> {
            byte[] piece = new byte[1 + random.nextInt(2 * PAGE)];
            random.nextBytes(piece);
            memory.write(page, piece, 0, piece.length);
            int written = kernel.files().write(file, page, piece.length);
            memory.fill(page, 0, piece.length);
            kernel.files().lseek(file, 0, Fcntl.SEEK_SET);
            int read = ok(written, "write /dev/copier") ? kernel.files().read(file, page, written) : 0;
            if (ok(read, "read /dev/copier")) {
                compare(bytes(page, read), piece, 0, "/dev/copier");
            }
        }));
    }

    /** Writes to a file that keeps its bytes until one of them is left. */
    void leavesOneByte(String path) {
        int[] written = {0};
        for (int i = 0; i < 100 && written[0] != 1; i++) {
            use(path, Fcntl.O_WRONLY, (file, page) -> written[0] = kernel.files().write(file, page, 1));
        }
    }

    /** A writer and a reader of a pipe: the reader gets all bytes in order. Both have it open all the time. */
    void pipes(String path) {
        int[] files = {-1, -1};
        int[] position = {0, 0};
        for (int end = 0; end < 2; end++) {
            int own = end;
            add((own == 0 ? "writes " : "reads ") + path, (random, last) -> {
                if (files[own] < 0) {
                    files[own] = kernel.files().open(path,
                            (own == 0 ? Fcntl.O_WRONLY : Fcntl.O_RDONLY) | Fcntl.O_NONBLOCK);
                    if (!ok(files[own], "open " + path)) {
                        return;
                    }
                }
                if (files[1 - own] >= 0 && !last) {
                    pipe(path, files[own], own == 0, position, random);
                }
                if (last) {
                    ok(kernel.files().close(files[own]), "close " + path);
                }
            });
        }
    }

    private void pipe(String path, int file, boolean writes, int[] position, Random random) {
        long page = kernel.calls().__getFreePage(Gfp.GFP_KERNEL | Gfp.__GFP_NOWARN);
        int count = 1 + random.nextInt(PAGE);
        if (page == 0) {
            return;
        }
        byte[] piece = new byte[count];
        int at = position[writes ? 0 : 1];
        for (int i = 0; i < count; i++) {
            piece[i] = (byte) ((at + i) % PIPE_PERIOD);
        }
        if (writes) {
            memory.write(page, piece, 0, count);
        }
        int moved = writes ? kernel.files().write(file, page, count) : kernel.files().read(file, page, count);
        if (ok(moved, path)) {
            if (!writes) {
                compare(bytes(page, moved), piece, 0, path);
            }
            position[writes ? 0 : 1] += moved;
        } else {
            kernel.calls().msleep(1);
        }
        kernel.calls().freePage(page);
    }

    /** A reader sleeps until a writer wakes it. The writer goes on until the last reader has ended. */
    void sleepsAndWakes() {
        sleepers = 1;
        add("reads /dev/sleepy", (random, last) -> {
            if (last) {
                sleepers = 0;
            } else {
                use("/dev/sleepy", Fcntl.O_RDONLY, (file, page) -> kernel.files().read(file, page, 1));
            }
        });
        add("writes /dev/sleepy", (random, last) -> {
            do {
                use("/dev/sleepy", Fcntl.O_WRONLY, (file, page) -> kernel.files().write(file, page, 1));
                kernel.calls().msleep(1 + random.nextInt(4));
            } while (last && sleepers > 0);
        });
    }

    // ---- bytes that are only written ----

    void writesTo(String path, int most) {
        add("writes " + path, (random, last) -> use(path, Fcntl.O_WRONLY, (file, page) -> {
            byte[] piece = new byte[1 + random.nextInt(most)];
            memory.write(page, piece, 0, piece.length);
            ok(kernel.files().write(file, page, piece.length), "write " + path);
        }));
    }

    /** Plays and records, at the highest rate so that a close does not take long. */
    void sounds() {
        for (int way : new int[] {Fcntl.O_WRONLY, Fcntl.O_RDONLY}) {
            add(way == Fcntl.O_WRONLY ? "plays" : "records", (random, last) -> use("/dev/dsp", way, (file, page) -> {
                memory.store32(page, 44_100);
                ok(kernel.files().ioctl(file, SPEED, page), "the rate");
                for (int i = random.nextInt(4); i >= 0 && !ends.getAsBoolean(); i--) {
                    int count = 1 + random.nextInt(2 * PAGE);
                    ok(way == Fcntl.O_WRONLY ? kernel.files().write(file, page, count)
                            : kernel.files().read(file, page, count), "sound");
                }
            }));
        }
    }

    /** Reads the time, and waits for an alarm at last. */
    void rings() {
        add("sets alarms", (random, last) -> use("/dev/rtc0", Fcntl.O_RDONLY, (file, page) -> {
            if (ok(kernel.files().ioctl(file, READ_TIME, page), "the time")) {
                memory.store32(page, Math.min(59, memory.load32(page) + 1 + random.nextInt(3)));
                ok(kernel.files().ioctl(file, SET_ALARM, page), "the alarm");
                ok(kernel.files().ioctl(file, ALARM_ON, 0), "the alarm is on");
                if (last) {
                    ok(kernel.files().read(file, page, 4), "the alarm rings");
                }
                ok(kernel.files().ioctl(file, ALARM_OFF, 0), "the alarm is off");
                kernel.calls().msleep(5);
            }
        }));
    }

    // ---- the network ----

    /** Asks a host for echoes. The kernel compares the bytes of each answer. */
    void pings(String address) {
        int to = (int) InternetAddress.parse(address);
        add("pings " + address, (random, last) -> {
            Ipv4 ip = kernel.drivers().net().ipv4();
            long ping = ip.leadsTo(to) ? ip.beginPing() : 0;
            if (ping == 0) {
                kernel.calls().msleep(1);
                return;
            }
            if (ok(ip.ask(ping, to, random.nextInt(1400)), "ping")
                    && ip.await(ping, Clock.TICKS_PER_SECOND / 100) != null) {
                answers++;
            }
            ip.endPing(ping);
        });
    }

    void setsDownAndUp(String device) {
        add("sets " + device, (random, last) -> {
            kernel.calls().msleep(10 + random.nextInt(20));
            kernel.drivers().net().devices().setUp(device, false);
            int up = -Errno.ENOMEM;
            for (int i = 0; i < 100 && up < 0; i++) {
                up = kernel.drivers().net().devices().setUp(device, true);
                ok(up, device + " up");
            }
        });
    }

    /** Takes the card from its driver and gives it back, until that succeeds. */
    void rebinds(String bus, String card, String device, String address) {
        add("rebinds " + device, (random, last) -> {
            kernel.calls().msleep(20 + random.nextInt(20));
            tell(bus + "/unbind", card);
            for (int i = 0; i < 100 && kernel.drivers().net().devices().setAddress(device,
                    (int) InternetAddress.parse(address), MASK) < 0; i++) {
                tell(bus + "/bind", card);
            }
            ok(kernel.drivers().net().devices().setUp(device, true), device + " up");
        });
    }

    private void tell(String path, String word) {
        use(path, Fcntl.O_WRONLY, (file, page) -> {
            byte[] bytes = word.getBytes(StandardCharsets.US_ASCII);
            memory.write(page, bytes, 0, bytes.length);
            ok(kernel.files().write(file, page, bytes.length), word + " to " + path);
        });
    }

    // ---- signals ----

    /** Sends signals, which end interruptible sleeps in the drivers. */
    void interrupts(Supplier<long[]> programs) {
        add("interrupts", (random, last) -> {
            long task = last ? 0 : programs.get()[random.nextInt(programs.get().length)];
            if (task != 0) {
                kernel.tasks().signals().send(task, SIGINT);
            }
            kernel.calls().usleepRange(100, 500);
        });
    }

    // ---- loaded drivers ----

    /** Loads drivers that nothing else uses, and removes them. */
    void reloads(String... names) {
        boolean[] loaded = new boolean[names.length];
        add("reloads", (random, last) -> {
            for (int i = 0; i < names.length; i++) {
                if (loaded[i] && (last || random.nextBoolean())) {
                    Modules.Removal removal = kernel.drivers().modules().remove(names[i]);
                    Soak.check(removal.refusal() == null && removal.stillHeld().isEmpty(), "rmmod: " + removal);
                    loaded[i] = false;
                } else if (!loaded[i] && !last) {
                    loaded[i] = kernel.drivers().modules().insert(names[i], List.of()) == null;
                }
            }
            kernel.calls().msleep(1);
        });
    }

    // ---- memory ----

    /** Takes memory of all kinds of chapter 8, and gives it back. */
    void takesMemory(Soak soak) {
        Soak.Thing[] things = new Soak.Thing[8];
        add("takes memory", (random, last) -> {
            for (int slot = 0; slot < things.length; slot++) {
                if (things[slot] != null && (last || random.nextInt(4) == 0)) {
                    Soak.Thing old = things[slot];
                    things[slot] = null;
                    soak.giveBack(old);
                }
                if (things[slot] == null && !last) {
                    things[slot] = soak.takeMemory(random);
                }
            }
        });
    }
}
