package ferrite.board.command;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.Tools;
import ferrite.board.command.ManyCommandLines.Outcome;
import ferrite.board.image.GuestProgram;
import ferrite.board.layout.BoardKind;
import ferrite.board.options.BoardOptions;
import ferrite.board.plug.DeviceJar;
import ferrite.board.session.BareSession;
import ferrite.board.snapshot.SnapshotPlan;
import ferrite.board.stdio.PipedInput;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every mistake in a command line, or in a file that it names, is reported in one sentence, with the exit status that
 * scripts rely on.
 */
@Timeout(120)
class CommandLineErrorsTest {

    private static final int USAGE = 2;
    private static final int FAILED = 1;
    private static final int UNUSABLE = 3;

    /** A command line, its exit status, and a part of its sentence. */
    private record Wrong(int status, String part, List<String> words) { }

    @TempDir
    private static Path directory;
    private static final List<Wrong> WRONG = new ArrayList<>();
    private static List<Outcome> outcomes;

    private static void wrong(int status, String part, String... words) {
        WRONG.add(new Wrong(status, part, List.of(words)));
    }

    private static void usage(String part, String... options) {
        wrong(USAGE, part, Stream.concat(Stream.of("run", "-c", "echo must not run"), Arrays.stream(options))
                .toArray(String[]::new));
    }

    private static void unusable(String part, String... options) {
        wrong(UNUSABLE, part, Stream.concat(Stream.of("run"), Arrays.stream(options)).toArray(String[]::new));
    }

    @BeforeAll
    static void runThemAll() throws IOException, InterruptedException {
        Tools.requireDevices("/dev/full", "/dev/zero");
        Files.write(directory.resolve("empty.img"), new byte[0]);
        Files.write(directory.resolve("odd.img"), new byte[513]);
        Files.write(directory.resolve("sector.img"), new byte[512]);
        Files.createSymbolicLink(directory.resolve("symlink.img"), Path.of("sector.img"));
        Files.createLink(directory.resolve("hardlink.img"), directory.resolve("sector.img"));
        Files.createDirectory(directory.resolve("folder"));
        Files.write(directory.resolve("binary.script"), new byte[] {'e', (byte) 0xff, (byte) 0xfe, 0, 'x'});
        Files.createSymbolicLink(directory.resolve("dangling.img"), Path.of("nowhere"));

        for (String later : List.of("--net", "--append", "--initrd", "--nonsense", "-x")) {
            usage(later, later, "value");
        }
        for (String sound : List.of("value", "", "in=a.wav,in=b.wav", "out=a.wav,out=b.wav", "in=a.wav,by=b.wav")) {
            usage("in=WAV,out=WAV is expected, or one of the two", "--sound", sound);
        }
        usage("there is no rule 'dubble-free'", "--check", "dubble-free");
        usage("double-free", "--check", "");
        usage("on or off or force", "--swiotlb", "maybe");
        usage("letters of FZPU", "--slub-debug", "FZQ");
        usage("--guard-pages", "--guard-pages", "maybe");
        for (String value : List.of("", "x", "-1", "3,twice", "99999999999")) {
            usage("a number of allocations is expected", "--fail-slab", value);
        }
        usage("--owners some", "--owners", "some");
        usage("3840M", "--ram", "64G");
        usage("--ram 4G", "--ram", "4G");
        usage("at least 8M", "--ram", "7M");
        usage("at least 8M", "--ram", "0");
        usage("abc", "--ram", "abc");
        usage("--ram", "--ram", "-1");
        usage("--ram", "--ram", "1.5G");
        usage("--ram", "--ram", "");
        usage("--ram", "--ram", "99999999999999999999");
        usage("--ram", "--ram", "999999999999G");
        usage("4096", "--ram", "8388609");
        usage("--ram", "--ram");
        usage("1 to 8", "--harts", "0");
        usage("1 to 8", "--harts", "9");
        usage("1 to 8", "--harts", "-1");
        usage("x", "--harts", "x");
        usage("--harts", "--harts", "4", "--harts", "5");
        usage("--harts", "--harts", "99999999999");
        usage("x", "--seed", "x");
        usage("--seed", "--seed", "99999999999999999999");
        usage("rr or random or pct", "--interleaving", "fair");
        usage("fault or wrap", "--dma", "explode");
        usage("on or off", "--owners", "maybe");
        usage("only the ferrite board", "--board", "virt");
        usage("ferrite or virt", "--board", "pc");
        for (String zones : List.of("nonsense", "", ",", "dma=", "dma=x", "dma=16M,", "dma=17M", "dma=0",
                "dma=1M,normal=4M", "normal=897M", "dma=5000000", "high=1G", "dma=16M,normal=999999999999G", "dma")) {
            usage("--zones", "--zones", zones);
        }
        usage("--max-instructions", "--max-instructions", "-5");
        usage("--max-instructions", "--max-instructions", "many");
        for (String watchdog : List.of("0", "-1", "1000001", "soon", "1s", "")) {
            usage("--watchdog", "--watchdog", watchdog);
        }
        deviceErrors();
        usage("the book's drivers are scull, ", "--link", "floppy");
        usage("jit is given more than once", "--link", "jit,jit");
        usage("DRIVER.PARAM=VALUE", "-o", "nonsense");
        usage("disk.gfp", "-o", "floppy.gfp=GFP_DMA");
        usage("disk.nonsense", "-o", "disk.nonsense=1");
        usage("GFP_NONSENSE", "-o", "disk.gfp=GFP_NONSENSE");
        usage("disk.gfp", "-o", "=");
        usage("disk.gfp", "-o", ".=");
        usage("allocation flag", "-o", "disk.gfp=");
        usage("allocation flag", "-o", "disk.gfp=GFP_DMA|");
        usage("blanks", "-o", "disk.gfp=GFP_DMA | GFP_KERNEL");
        usage("--debug bad", "--debug", "bad");
        usage("65535", "--debug", "65536");
        usage("65535", "--debug", "-1");
        usage("65535", "--debug", "127.0.0.1:");
        usage("no host", "--debug", "no.such.host.invalid:0");
        usage("token", "--debug", "0.0.0.0:0");
        usage("token", "--debug", "[::]:0");
        usage("token", "--debug", "0", "--token", "");
        usage("token", "--debug", "0", "--token", "two words");
        usage("--debug", "--halt");
        usage("--debug", "--token", "T");
        usage("--token-file needs --debug", "--token-file", "sector.img");
        usage("--debug-open needs --debug", "--debug-open");
        usage("--debug-expose-csrs needs --debug", "--debug-expose-csrs", "2288");
        usage("'4096' is no number of a CSR, 0 to 4095", "--debug", "0", "--debug-expose-csrs", "1,4096");
        usage("--debug-expose-csrs: a number is missing", "--debug", "0", "--debug-expose-csrs", ",");
        usage("--debug-expose-csrs: a number is missing", "--debug", "0", "--debug-expose-csrs", "");
        usage("CSR 5 has the name csr_a already", "--debug", "0", "--debug-expose-csrs", "5=a,6=a");
        usage("--timeout 0: 1 to ", "--timeout", "0");
        usage("'soon' is not a long", "--timeout", "soon");
        usage("--max-time soon: 'soon' is no duration; 90s, ", "--max-time", "soon");
        usage("--no-reboot", "--no-reboot");
        wrong(USAGE, "--input virtio: there is no virtio console; --virtio console", "boot", "flat.bin", "--input",
                "virtio");
        wrong(USAGE, "--virtio-legacy: the ferrite board has no virtio slots", "boot", "flat.bin", "--board", "ferrite",
                "--virtio-legacy");
        wrong(USAGE, "--timebase 1G: 10M or 100M would be right", "boot", "flat.bin", "--timebase", "1G");
        wrong(USAGE, "--input hvc0: serial or virtio or both would be right", "boot", "flat.bin", "--input", "hvc0");
        wrong(USAGE, "--input: the ferrite board has the serial line alone", "boot", "flat.bin", "--board", "ferrite",
                "--input", "serial");
        usage("--token has no meaning", "--debug", "0", "--debug-open", "--token", "T");
        usage("--debug-gdb-open has no meaning", "--debug", "0", "--debug-open", "--debug-gdb-open");
        usage("a token is needed", "--debug", "0.0.0.0:0", "--debug-open");
        usage("17 times", Stream.generate(() -> Stream.of("--disk", "sector.img")).limit(17).flatMap(words -> words)
                .toArray(String[]::new));
        usage("--disk", "--disk", "nul\0character.img");
        usage("9 devices; the ferrite board has 8 virtio slots", Stream.concat(Stream.of("--virtio", "console"),
                Stream.generate(() -> Stream.of("--virtio-disk", "sector.img,ro")).limit(8).flatMap(words -> words))
                .toArray(String[]::new));
        usage("vda=error@3", "--virtio-disk", "sector.img", "--fault", "vda=error");
        usage("'rot' is no kind of fault; there is error, short,", "--virtio-disk", "sector.img", "--fault",
                "vda=rot@1");
        usage("counted from 1", "--virtio-disk", "sector.img", "--fault", "vda=error@0");
        usage("1% to 100%", "--virtio-disk", "sector.img", "--fault", "vda=error@101%");
        usage("tty has no faults; there is disk, copier, vda, vdb, ..., eth0,", "--fault", "tty=error@1");
        usage("disk has no fault 'overrun'; it has error,", "--disk", "sector.img", "--fault", "disk=overrun@1");
        usage("rtc0 has no fault 'short'; it has lost, spurious, slow", "--rtc", "host", "--fault", "rtc0=short@1");
        usage("there is no eth0; --net adds it", "--fault", "eth0=slow@1");
        usage("there is no vdb; --virtio-disk adds it", "--virtio-disk", "sector.img", "--fault", "vdb=slow@1");
        usage("there is no disk; --disk adds it", "--fault", "disk=slow@1+");
        usage("there is no hwrng; --virtio entropy adds it", "--fault", "hwrng=slow@1+");
        usage("--sarif sector.img: --virtio-disk names the same file", "--virtio-disk", "sector.img", "--sarif",
                "sector.img");
        usage("exclusive", "--script", "binary.script");
        usage("surplus", "surplus");
        wrong(USAGE, "-c", "run", "-c");
        wrong(USAGE, "--script", "run", "--script");

        unusable("--sarif folder cannot be written", "--sarif", "folder", "-c", "echo must not run");
        unusable("--sarif missing/a.sarif cannot be written: there is no such file", "--sarif", "missing/a.sarif",
                "-c", "echo must not run");
        unusable("--junit folder cannot be written", "--junit", "folder", "-c", "echo must not run");
        for (String option : List.of("--sarif", "--junit")) {
            wrong(FAILED, option + " /dev/full cannot be written: No space left on device", "run", option, "/dev/full",
                    "-c", "wait");
        }
        unusable("there is no file missing.img", "--disk", "missing.img", "-c", "echo");
        unusable("there is no file dangling.img", "--disk", "dangling.img", "-c", "echo");
        unusable("0 bytes", "--disk", "empty.img", "-c", "echo");
        unusable("513 bytes", "--disk", "odd.img", "-c", "echo");
        unusable("not a file", "--disk", "folder", "-c", "echo");
        unusable("not a file", "--disk", "/dev/zero", "-c", "echo");
        unusable("513 bytes", "--disk", "sector.img", "--disk", "odd.img,ro", "-c", "echo");
        unusable("--virtio-disk: odd.img", "--virtio-disk", "odd.img", "-c", "echo");
        unusable("sector.img is given as two disks", "--disk", "sector.img,ro", "--virtio-disk", "sector.img", "-c",
                "echo");
        unusable("sector.img is given as two disks, and one of them is written", "--disk", "sector.img", "--disk",
                "sector.img", "-c", "echo");
        unusable("FILE,ro", "--disk", "sector.img,ro", "--disk", "sector.img", "-c", "echo");
        unusable("sector.img and symlink.img are the same file", "--disk", "sector.img", "--disk", "symlink.img,ro");
        unusable("hardlink.img and symlink.img are the same file", "--disk", "hardlink.img", "--disk", "symlink.img");
        usage("--disk : the name of a file is expected", "--disk", "");
        unusable("no such file", "--script", "missing.script");
        unusable("UTF-8", "--script", "binary.script");
        unusable("--script", "--script", "folder");
        unusable("--script", "--script", "/dev/zero");
        unusable("--serial", "--serial", "folder/nowhere/line", "-c", "echo");
        unusable("--serial", "--serial", "folder", "-c", "echo");

        wrong(UNUSABLE, "missing.img", "demo", "missing.img");
        wrong(UNUSABLE, "empty.img", "demo", "empty.img");
        wrong(UNUSABLE, "folder", "demo", "folder");
        wrong(USAGE, "surplus", "demo", "sector.img", "surplus");
        wrong(USAGE, "--ram", "demo", "--ram", "64M");
        wrong(USAGE, "HOST:PORT", "attach");
        for (String where : List.of("nonsense", "4321", "127.0.0.1", "127.0.0.1:", ":4321", "127.0.0.1:0",
                "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:x", "")) {
            wrong(USAGE, "HOST:PORT", "attach", where);
        }
        wrong(USAGE, "no host", "attach", "no.such.host.invalid:1");
        wrong(USAGE, "token", "attach", "127.0.0.1:1", "--token", "two words");
        wrong(USAGE, "there is no schema 'rum'; did you mean run? there are run, boot, report, event", "schema", "rum");
        wrong(USAGE, "--json", "attach", "127.0.0.1:1", "--json");
        wrong(USAGE, "surplus", "attach", "127.0.0.1:1", "surplus");
        wrong(FAILED, "no answer at 127.0.0.1:1", "attach", "127.0.0.1:1", "-c", "echo");
        wrong(FAILED, "no answer at 127.0.0.1:1", "attach", "127.0.0.1:1");
        symbolsErrors();
        matrixErrors();
        bootErrors();
        usage("did you mean --harts", "--hart", "3");
        wrong(USAGE, "did you mean run?", "rnu");
        wrong(USAGE, "bash or zsh", "completion", "fish");
        wrong(USAGE, "nonsense", "nonsense");
        wrong(USAGE, "--nonsense", "--nonsense");
        outcomes = ManyCommandLines.run(directory, WRONG.stream().map(Wrong::words).toList());
    }

    private static void symbolsErrors() {
        wrong(USAGE, "FILE", "symbols");
        wrong(USAGE, "surplus", "symbols", "kernel.elf", "surplus");
        wrong(USAGE, "the ferrite board only", "symbols", "kernel.elf", "--board", "virt");
        wrong(USAGE, "at least 8M", "symbols", "kernel.elf", "--ram", "1M");
        wrong(USAGE, "--script", "symbols", "kernel.elf", "--script", "binary.script");
        wrong(UNUSABLE, "folder cannot be written: Is a directory", "symbols", "folder");
        wrong(UNUSABLE, "there is no such file", "symbols", "nowhere/kernel.elf");
        wrong(UNUSABLE, "513 bytes", "symbols", "kernel.elf", "--disk", "odd.img");
        wrong(FAILED, "before its first prompt", "symbols", "kernel.elf", "--max-instructions", "3000");
    }

    private static void matrixErrors() {
        wrong(USAGE, "'ram=5': ram is one of 16M, 64M, 1G, 3G", "matrix", "--cell", "ram=5");
        wrong(USAGE, "'' is no part of a cell's ID; the parts are ram=VALUE,", "matrix", "--cell", "");
        wrong(USAGE, "take fill=full", "matrix", "--cell", "ram=16M,swiotlb=on,fill=dma,mask=24,gfp=GFP_KERNEL,order=3,"
                + "call=map_single,dir=from");
        wrong(USAGE, "--cell", "matrix", "--cell");
        wrong(USAGE, "1 to 64", "matrix", "--jobs", "0");
        wrong(USAGE, "many", "matrix", "--jobs", "many");
        wrong(USAGE, "surplus", "matrix", "surplus");
    }

    private static void boot(int status, String part, String... options) {
        wrong(status, part, Stream.concat(Stream.of("boot"), Arrays.stream(options)).toArray(String[]::new));
    }

    /** Unusable files of bare programs, and options that a bare program cannot have. */
    private static void bootErrors() throws IOException {
        Path program = Path.of("../../firmware-images/programs/images/crash-virt.elf").toRealPath();
        byte[] good = Files.readAllBytes(program);
        Files.write(directory.resolve("good.elf"), good);
        mutate(good, "wide.elf", 4, 2);
        mutate(good, "arm.elf", 18, 40);
        mutate(good, "short.elf", 42, 9);
        Files.write(directory.resolve("stub.elf"), Arrays.copyOf(good, 30));
        Files.write(directory.resolve("flat.bin"), new byte[9 << 20]);
        Files.write(directory.resolve("initrd"), new byte[6 << 20]);

        boot(USAGE, "IMAGE");
        snapshotErrors(program);
        boot(USAGE, "surplus", "good.elf", "surplus");
        boot(USAGE, "--zones", "good.elf", "--zones", "dma=8M");
        boot(USAGE, "--owners", "good.elf", "--owners", "off");
        boot(USAGE, "--slub-debug", "good.elf", "--slub-debug", "off");
        boot(USAGE, "--guard-pages", "good.elf", "--guard-pages", "off");
        boot(USAGE, "--fail-page-alloc", "good.elf", "--fail-page-alloc", "1,100,0,1");
        boot(USAGE, "--fail-slab", "good.elf", "--fail-slab", "3,once");
        boot(USAGE, "--swiotlb", "good.elf", "--swiotlb", "force");
        boot(USAGE, "--check", "good.elf", "--check", "all");
        boot(USAGE, "no DMA controller", "good.elf", "--dma", "wrap");
        boot(USAGE, "on the virt board alone", "good.elf", "--board", "ferrite", "--virtio", "entropy");
        boot(USAGE, "they are virtio disks", "good.elf", "--virtio-disk", "sector.img");
        boot(USAGE, "console or entropy", "good.elf", "--virtio", "net");
        boot(USAGE, "more than once", "good.elf", "--virtio", "entropy,console", "--virtio", "entropy");
        boot(USAGE, "9 devices", "good.elf", "--virtio", "entropy,console", "--disk", "sector.img",
                "--disk", "sector.img", "--disk", "sector.img",
                "--disk", "sector.img", "--disk", "sector.img", "--disk", "sector.img", "--disk", "sector.img");
        boot(USAGE, "-c", "good.elf", "-c", "echo");
        boot(USAGE, "-o", "good.elf", "-o", "disk.gfp=GFP_DMA");
        boot(USAGE, "ferrite or virt", "good.elf", "--board", "pc");
        boot(USAGE, "at most 2048M", "good.elf", "--ram", "3G");
        boot(USAGE, "at most 3840M", "good.elf", "--ram", "4G", "--board", "ferrite");
        boot(USAGE, "at least 8M", "good.elf", "--ram", "4M");
        boot(USAGE, "1 to 8", "good.elf", "--harts", "9");
        boot(USAGE, "--debug", "good.elf", "--halt");
        boot(USAGE, "--debug", "good.elf", "--token", "T");
        boot(USAGE, "character 0", "good.elf", "--append", "a\0b");
        boot(USAGE, "--max-instructions", "good.elf", "--max-instructions", "-1");

        boot(USAGE, "on or off would be right", "good.elf", "--semihosting", "maybe");
        boot(USAGE, "--semihosting on is missing", "good.elf", "--semihosting-dir", "folder");
        boot(USAGE, "is empty", "good.elf", "--semihosting", "on", "--semihosting-dir", "");
        boot(UNUSABLE, "--semihosting-dir: nowhere is no directory", "good.elf", "--semihosting", "on",
                "--semihosting-dir", "nowhere");
        usage("--semihosting", "--semihosting", "on");

        unusable("--host-files: nowhere is no directory", "--host-files", "nowhere", "-c", "echo");
        unusable("--host-files: sector.img is no directory", "--host-files", "sector.img", "-c", "echo");
        usage("--host-files", "--host-files", "");
        boot(USAGE, "a bare program has no cp and dd", "good.elf", "--host-files", "folder");

        boot(USAGE, "--bios", "good.elf", "--bios", "");
        boot(USAGE, "--bios", "good.elf", "--bios", "nul\0character");
        boot(USAGE, "--bios", "good.elf", "--bios");

        boot(UNUSABLE, "no file missing.elf", "missing.elf");
        boot(UNUSABLE, "not a file", "folder");
        boot(UNUSABLE, "not a file", "/dev/zero");
        boot(UNUSABLE, "is empty", "empty.img");
        boot(UNUSABLE, "32-bit machine", "wide.elf");
        boot(UNUSABLE, "EM_RISCV", "arm.elf");
        boot(UNUSABLE, "e_phentsize", "short.elf");
        boot(UNUSABLE, "stub.elf", "stub.elf");
        boot(UNUSABLE, "does not lie in RAM, which is at 0x00000000", "good.elf", "--board", "ferrite", "--ram", "64M");
        boot(UNUSABLE, "does not fit into 8M", "flat.bin", "--ram", "8M");
        boot(UNUSABLE, "no room", "good.elf", "--initrd", "initrd", "--ram", "8M");
        boot(UNUSABLE, "no file nowhere", "good.elf", "--initrd", "nowhere");
        boot(UNUSABLE, "not a file", "good.elf", "--initrd", "folder");
        boot(UNUSABLE, "513 bytes", "good.elf", "--disk", "sector.img", "--disk", "odd.img,ro");
        boot(UNUSABLE, "is given as two disks", "good.elf", "--disk", "sector.img,ro", "--disk", "sector.img");
        boot(UNUSABLE, "takes 0x80000000..0x80000023 of RAM, and the firmware 0x80000000..", "good.elf",
                "--bios", "default");
        boot(UNUSABLE, "takes 0x80000000..0x80000023 of RAM, and the firmware 0x80000000..", "good.elf",
                "--bios", "flat.bin");
        boot(UNUSABLE, "no file nowhere", "good.elf", "--bios", "nowhere");
        boot(UNUSABLE, "is empty", "good.elf", "--bios", "empty.img");
        boot(UNUSABLE, "does not fit into 8M of RAM from byte 0x400000 on", "initrd", "--bios",
                "default", "--ram", "8M");
        boot(UNUSABLE, "513 bytes", "good.elf", "--board", "ferrite", "--ram", "3G", "--disk", "odd.img");
        boot(UNUSABLE, "--serial", "good.elf", "--serial", "folder/nowhere/line");
    }

    /** Devices of users; {@link ferrite.board.plug.PluggedDevicesTest} has more mistakes. */
    private static void deviceErrors() throws IOException {
        String timer = DeviceJar.ofTimer(directory).getFileName().toString();
        DeviceJar.naming(directory.resolve("driver.jar"), "Ferrite-Driver", "a.B");
        usage("--device " + timer + ",nonsense: 'nonsense' is no NAME=VALUE", "--device", timer + ",nonsense");
        usage("'' is no NAME=VALUE", "--device", timer + ",");
        usage("the name of a file is expected", "--device", "");
        usage("irq is given twice", "--device", timer + ",irq=7,irq=8");
        for (String place : List.of("at=", "at=100", "at=0xf0100004", "at=0x1f0100000")) {
            usage("a multiple of 0x1000 below 4 GiB is expected, in hexadecimal", "--device", timer + "," + place);
        }
        usage("the ferrite board has its devices from 0xf0000000 to 0xffffffff", "--device", timer + ",at=0xefff0000");
        usage("1 to 31 would be right", "--device", timer + ",irq=32");
        usage("0 to 7 would be right", "--device", timer + ",dma=two");
        usage("channel 4 carries the first controller", "--device", timer + ",dma=4");
        usage("the device timer has no parameter bells; there is limit", "--device", timer + ",bells=1");
        usage("at=0xf0050000: the device's 8192 bytes overlap disk@f0050000", "--device", timer + ",at=0xf0050000");
        usage("a timer that never rings is none", "--device", timer + ",limit=0");
        usage("--device is given 17 times", Stream.generate(() -> List.of("--device", timer)).limit(17)
                .flatMap(List::stream).toArray(String[]::new));
        unusable("--device nowhere.jar: there is no such file", "--device", "nowhere.jar");
        unusable("--device sector.img: it is not a jar", "--device", "sector.img");
        unusable("its manifest has no Ferrite-Device: that line names the model's class", "--device", "driver.jar");
        wrong(USAGE, "the virt board has its devices from 0x00001000 to 0x7fffffff", "boot", "sector.img", "--device",
                timer + ",at=0xf0100000");
        wrong(UNUSABLE, "--device nowhere.jar: there", "boot", "sector.img", "--board", "ferrite", "--device",
                "nowhere.jar");
        wrong(UNUSABLE, "--device nowhere.jar: there", "symbols", "out.elf", "--device", "nowhere.jar");
    }

    /** A snapshot of a machine with one hart after three instructions, and options that contradict it. */
    private static void snapshotErrors(Path program) throws IOException {
        Path file = directory.resolve("good.snap");
        BoardOptions options = new BoardOptions().kind(BoardKind.VIRT).ram(8 << 20).harts(1).maxInstructions(3);
        try (BareSession session = new BareSession(options, new GuestProgram(program, null, ""),
                control -> new PipedInput(InputStream.nullInputStream(), true, control),
                OutputStream.nullOutputStream(), new PrintStream(OutputStream.nullOutputStream()))) {
            session.takeSnapshots(new SnapshotPlan(null, List.of(new SnapshotPlan.Moment(3, file))));
            session.run();
        }
        byte[] good = Files.readAllBytes(file);
        Files.write(directory.resolve("short.snap"), Arrays.copyOf(good, good.length / 2));
        mutate(good, "bad.snap", good.length / 2, ~good[good.length / 2]);
        mutate(good, "old.snap", 8, 99);
        boot(USAGE, "in the snapshot", "good.elf", "--restore", "good.snap");
        boot(USAGE, "--initrd", "--restore", "good.snap", "--initrd", "initrd");
        boot(USAGE, "--append", "--restore", "good.snap", "--append", "text");
        boot(USAGE, "--harts 2: the machine in the snapshot has --harts 1", "--restore", "good.snap", "--harts", "2");
        boot(USAGE, "--ram 64M: the machine in the snapshot has --ram 8M", "--restore", "good.snap", "--ram", "64M");
        boot(USAGE, "--board ferrite: the machine in the snapshot has --board virt", "--restore", "good.snap",
                "--board", "ferrite");
        boot(USAGE, "the machine in the snapshot has --semihosting off", "--restore", "good.snap", "--semihosting",
                "on");
        boot(USAGE, "--semihosting-dir folder: the machine in the snapshot has --semihosting off", "--restore",
                "good.snap", "--semihosting-dir", "folder");
        boot(USAGE, "--seed 7", "--restore", "good.snap", "--seed", "7");
        boot(USAGE, "--interleaving pct", "--restore", "good.snap", "--interleaving", "pct");
        boot(USAGE, "the machine in the snapshot has 0 disks, and --disk is given 1 times", "--restore", "good.snap",
                "--disk", "sector.img");
        boot(USAGE, "counts from power-on, and the machine in the snapshot has executed 3", "--restore", "good.snap",
                "--max-instructions", "2");
        boot(USAGE, "has executed 3 instructions already", "--restore", "good.snap", "--snapshot-at", "2,x.snap");
        boot(USAGE, "--zones", "--restore", "good.snap", "--zones", "dma=8M");
        boot(USAGE, "a comma and a file", "good.elf", "--snapshot-at", "x.snap");
        boot(USAGE, "a comma and a file", "good.elf", "--snapshot-at", "-1,x.snap");
        boot(USAGE, "a comma and a file", "good.elf", "--snapshot-at", "5,");
        boot(UNUSABLE, "no directory to put it into", "good.elf", "--snapshot-at", "5,nowhere/x.snap");
        boot(UNUSABLE, "no such directory", "good.elf", "--snapshots", "nowhere");
        boot(UNUSABLE, "no such directory", "good.elf", "--snapshots", "good.elf");
        boot(UNUSABLE, "there is no file missing.snap", "--restore", "missing.snap");
        boot(UNUSABLE, "not a file", "--restore", "folder");
        boot(UNUSABLE, "not a file", "--restore", "/dev/zero");
        boot(UNUSABLE, "does not begin as one", "--restore", "good.elf");
        boot(UNUSABLE, "had " + good.length + " when it was written", "--restore", "short.snap");
        boot(UNUSABLE, "it is damaged", "--restore", "bad.snap");
        boot(UNUSABLE, "format version 99", "--restore", "old.snap");
    }

    private static void mutate(byte[] good, String name, int at, int value) throws IOException {
        byte[] bytes = good.clone();
        bytes[at] = (byte) value;
        Files.write(directory.resolve(name), bytes);
    }

    @Test
    void anErrorShowsLittleOfALongText() throws IOException, InterruptedException {
        List<List<String>> lines = new ArrayList<>();
        for (String text : List.of("x".repeat(70_000), "x =',".repeat(14_000))) {
            for (String option : List.of("--ram", "--disk", "--fault", "--interleaving", "--debug", "-x", "-o")) {
                lines.add(List.of("run", "-c", "true", option, text));
            }
            lines.add(List.of("run", "-c", "true", "--debug", "0", "--debug-expose-csrs", text));
            lines.add(List.of("boot", text));
            lines.add(List.of("explain", text));
            lines.add(List.of(text));
        }
        List<Outcome> ends = ManyCommandLines.run(directory, lines);
        for (int i = 0; i < lines.size(); i++) {
            assertThat(ends.get(i).status()).isNotZero();
            assertThat(ends.get(i).err()).startsWith("ferrite").hasLineCount(1).hasSizeLessThan(4200);
        }
    }

    @TestFactory
    Stream<DynamicTest> aMistakeIsOneSentenceAndTheRightStatus() {
        return java.util.stream.IntStream.range(0, WRONG.size()).mapToObj(i ->
                DynamicTest.dynamicTest(String.join(" ", WRONG.get(i).words()).replace('\0', '?'),
                        () -> check(WRONG.get(i), outcomes.get(i))));
    }

    private static void check(Wrong wrong, Outcome outcome) {
        String subcommand = List.of("run", "demo", "boot", "attach", "symbols", "matrix", "schema", "completion")
                .contains(wrong.words().get(0)) ? " " + wrong.words().get(0) : "";
        assertThat(outcome.err()).as("standard error")
                .startsWith("ferrite" + subcommand + ": ").contains(wrong.part()).endsWith("\n")
                .hasLineCount(1).doesNotContain("\tat ").doesNotContain("Exception").doesNotContain("internal error");
        assertThat(outcome.status()).as(outcome.err()).isEqualTo(wrong.status());
        assertThat(outcome.out()).as("standard output").isEmpty();
    }
}
