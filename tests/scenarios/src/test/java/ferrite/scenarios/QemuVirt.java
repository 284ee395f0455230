package ferrite.scenarios;

import ferrite.firmware.FirmwareImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** QEMU's {@code virt} machine, with its serial line at the program's standard input and output. */
final class QemuVirt {

    private QemuVirt() { }

    /** Starts a bare program in M-mode. */
    static Program bare(Path directory, int harts, Path image, String... options) throws IOException {
        return start(directory, harts, "none", image, List.of(options));
    }

    /** Starts a payload on Ferrite's SBI firmware. */
    static Program payload(Path directory, int harts, Path image, String... options) throws IOException {
        return start(directory, harts, Files.write(directory.resolve("sbi.elf"), FirmwareImages.sbi()).toString(),
                image, List.of(options));
    }

    /** Starts a bare program with semihosting, whose console is at the program's standard input and output. */
    static Program semihosting(Path directory, Path image) throws IOException {
        return start(directory, 1, "none", image, "null", List.of("-chardev", "stdio,id=console",
                "-semihosting-config", "enable=on,target=native,chardev=console"));
    }

    private static Program start(Path directory, int harts, String bios, Path image, List<String> options)
            throws IOException {
        return start(directory, harts, bios, image, "stdio", options);
    }

    private static Program start(Path directory, int harts, String bios, Path image, String serial,
            List<String> options) throws IOException {
        Tools.need("qemu-system-riscv32");
        List<String> command = new ArrayList<>(List.of("qemu-system-riscv32", "-M", "virt", "-bios", bios, "-m",
                "64M", "-smp", "" + harts, "-display", "none", "-monitor", "none", "-serial", serial, "-global",
                "virtio-mmio.force-legacy=false", "-kernel", image.toRealPath().toString()));
        command.addAll(options);
        return Program.start(directory, command);
    }
}
