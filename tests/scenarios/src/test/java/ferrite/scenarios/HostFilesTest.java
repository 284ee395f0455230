package ferrite.scenarios;

import static ferrite.testkit.MachineAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.fs.Fcntl;
import ferrite.kernel.fs.HostOpenLayout;
import ferrite.testkit.Machine;
import ferrite.testkit.MachineRun;
import ferrite.testkit.Machines;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code host:FILE} in {@code cp} and {@code dd}, and the driver of {@code --host-files}. */
@Machine
@Timeout(60)
class HostFilesTest {

    private static final int BYTES = 300_001;

    @TempDir
    private Path directory;
    private Path files;
    private Path disk;
    private byte[] data;

    @BeforeEach
    void makeFiles() throws IOException {
        files = Files.createDirectory(directory.resolve("files"));
        data = new byte[BYTES];
        new Random(3).nextBytes(data);
        Files.write(files.resolve("in.bin"), data);
        disk = Files.write(files.resolve("disk.img"), new byte[1 << 20]);
    }

    private MachineRun boot(Machines machines) throws IOException {
        return machines.boot(options -> options.ram(64 << 20).disk(disk).hostFiles(files));
    }

    @Test
    void cpAndDdCopyBetweenTheHostAndTheMachine(Machines machines) throws Exception {
        MachineRun run = boot(machines);
        run.type("cp host:in.bin /dev/disk0", "dd if=/dev/disk0 of=host:out.bin bs=1000 count=300",
                "cp host:in.bin host:copy.bin", "cp /proc/version host:version.txt",
                "dd if=host:in.bin of=host:copy.bin bs=7 skip=10 seek=2 count=3 conv=notrunc status=none");
        assertThat(run.err()).contains("300+0 records in\n300+0 records out\n300000 bytes copied");
        assertThat(run.out()).isEmpty();
        assertThat(files.resolve("out.bin")).hasBinaryContent(Arrays.copyOf(data, 300_000));
        System.arraycopy(data, 70, data, 14, 21);
        assertThat(files.resolve("copy.bin")).hasBinaryContent(data);
        assertThat(files.resolve("version.txt")).content().startsWith("Linux version");
        assertThat(run).hasNoViolations();
    }

    @Test
    void anExistingFileIsEmptiedAndDdsConversionsAreCoreutils(Machines machines) throws Exception {
        Files.writeString(files.resolve("text"), "0123456789");
        Files.writeString(files.resolve("short"), "ab");
        MachineRun run = boot(machines);
        run.type("dd if=host:short of=host:text conv=notrunc status=none",
                "dd if=host:short of=host:new conv=nocreat status=none");
        assertThat(files.resolve("text")).hasContent("ab23456789");
        assertThat(run.err()).isEqualTo("dd: failed to open 'host:new': No such file or directory\n");
        run.type("dd if=host:short of=host:text oflag=append conv=notrunc status=none");
        assertThat(files.resolve("text")).hasContent("ab23456789ab");
        run.type("cp host:short host:text");
        assertThat(files.resolve("text")).hasContent("ab");
    }

    @Test
    void whatIsNotInTheDirectoryOrIsInUseIsRefused(Machines machines) throws Exception {
        Files.createSymbolicLink(files.resolve("link"), Path.of("in.bin"));
        Files.createDirectory(files.resolve("folder"));
        MachineRun run = boot(machines);
        run.type("cp host:../in.bin /dev/null", "cp host:/etc/hostname /dev/null", "cp host:link /dev/null",
                "cp host:none /dev/null", "cp host:folder /dev/null", "cp host: /dev/null",
                "cp /proc/version host:disk.img", "cp host:in.bin host:./in.bin", "cp host:in.bin host:in.bin",
                "cp host:" + "x".repeat(2000) + " /dev/null", "cat /dev/hostfs", "cat host:in.bin");
        assertThat(run.err().replaceAll("x{2000}", "x")).isEqualTo("""
                cp: cannot open 'host:../in.bin' for reading: Permission denied
                cp: cannot open 'host:/etc/hostname' for reading: Permission denied
                cp: cannot open 'host:link' for reading: Permission denied
                cp: cannot open 'host:none' for reading: No such file or directory
                cp: cannot open 'host:folder' for reading: Is a directory
                cp: cannot open 'host:' for reading: No such file or directory
                cp: cannot open 'host:disk.img' for writing: Device or resource busy
                cp: cannot open 'host:./in.bin' for writing: Device or resource busy
                cp: 'host:in.bin' and 'host:in.bin' are the same file
                cp: cannot open 'host:x' for reading: File name too long
                cat: /dev/hostfs: Bad file descriptor
                cat: host:in.bin: No such file or directory
                """);
        assertThat(files.resolve("in.bin")).hasBinaryContent(data);
        assertThat(run).hasNoViolations();
    }

    @Test
    void withoutTheOptionTheMessageNamesIt(Machines machines) throws Exception {
        MachineRun run = machines.boot(options -> options.ram(64 << 20));
        run.type("cp host:a /dev/null", "dd if=/dev/zero of=host:a count=1");
        assertThat(run.err()).isEqualTo("cp: cannot open 'host:a' for reading: No such device; with --host-files DIR "
                + "there are files of the host\ndd: failed to open 'host:a': No such device; with --host-files DIR "
                + "there are files of the host\n");
    }

    @Test
    void theSameFilesAreTheSameRun(Machines machines) throws Exception {
        String[] commands = {"cp host:in.bin /dev/disk0 & dd if=host:in.bin of=host:out.bin bs=333 status=none; wait",
            "sha256sum /dev/disk0", "digest"};
        MachineRun one = boot(machines);
        one.type(commands);
        one.board().close();
        Files.write(disk, new byte[1 << 20]);
        MachineRun two = boot(machines);
        two.type(commands);
        assertThat(two.out()).isEqualTo(one.out()).contains("schedule ");
    }

    @Test
    void theDriverRefusesWhatItCannotDo(Machines machines) throws Exception {
        InKernel test = new InKernel();
        MachineRun run = machines.boot(options -> options.ram(64 << 20).hostFiles(files).driver(test));
        test.run(run, kernel -> {
            long argument = kernel.calls().kzalloc(HostOpenLayout.SIZE, Gfp.GFP_KERNEL);
            int file = kernel.files().open("/dev/hostfs", Fcntl.O_RDONLY);
            assertThat(kernel.files().read(file, argument, 4)).isEqualTo(-Errno.EBADF);
            assertThat(kernel.files().ioctl(file, 0x1234, argument)).isEqualTo(-Errno.ENOTTY);
            kernel.base().memory().fill(HostOpenLayout.NAME.at(argument), 'x', HostOpenLayout.NAME.count());
            assertThat(kernel.files().ioctl(file, HostOpenLayout.HOST_OPEN, argument)).isEqualTo(-Errno.ENAMETOOLONG);
            byte[] name = "in.bin\0".getBytes(StandardCharsets.US_ASCII);
            kernel.base().memory().write(HostOpenLayout.NAME.at(argument), name, 0, name.length);
            assertThat(kernel.files().ioctl(file, HostOpenLayout.HOST_OPEN, argument)).isZero();
            assertThat(kernel.files().ioctl(file, HostOpenLayout.HOST_OPEN, argument)).isEqualTo(-Errno.EBUSY);
            assertThat(kernel.files().size(file)).isEqualTo(BYTES);
            assertThat(kernel.files().write(file, argument, 4)).isEqualTo(-Errno.EBADF);
            assertThat(kernel.files().lseek(file, -4, Fcntl.SEEK_END)).isEqualTo(BYTES - 4);
            assertThat(kernel.files().read(file, argument, 100)).isEqualTo(4);
            assertThat(kernel.files().read(file, argument, 100)).isZero();
            assertThat(kernel.files().close(file)).isZero();
            kernel.calls().kfree(argument);
        });
        assertThat(run).hasNoViolations();
    }
}
