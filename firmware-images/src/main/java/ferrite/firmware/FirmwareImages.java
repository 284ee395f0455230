package ferrite.firmware;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** The ELF files of the guest programs that ship with Ferrite. */
public final class FirmwareImages {
    private FirmwareImages() {
    }

    /**
     * Returns the boot ROM of the {@code ferrite} board, which brings each hart from reset in M-mode to S-mode.
     *
     * <p>Its one segment is linked at 0xF000_0000. Before the first hart runs, the board stores two words at the symbol
     * {@code boot_info}: the entry of S-mode, and the physical address of the flattened device tree.
     *
     * @return the ELF file; a new array each time
     */
    public static byte[] boot() {
        return read("boot.elf");
    }

    /**
     * Returns the boot ROM of either board for a bare program. Every hart continues in M-mode, with its number in a0,
     * the device tree in a1, and information for a firmware in a2.
     *
     * <p>The ROM is position-independent. Before the first hart runs, the board stores two words at the symbol {@code
     * boot_info}: the entry of the program, and the physical address of the flattened device tree. If the program is a
     * firmware, the board stores the entry of the firmware's payload at the symbol {@code payload}.
     *
     * @return the ELF file; a new array each time
     */
    public static byte[] reset() {
        return read("reset.elf");
    }

    /**
     * Returns the SBI firmware, which runs in M-mode on either board, starts the payload in S-mode and serves its
     * calls.
     *
     * <p>It is linked at the start of RAM of the {@code virt} board, and position-independent: a loader may put it at
     * the start of any RAM. Its entry is its first byte.
     *
     * @return the ELF file; a new array each time
     */
    public static byte[] sbi() {
        return read("sbi.elf");
    }

    private static byte[] read(String image) {
        try (InputStream resource = FirmwareImages.class.getResourceAsStream(image)) {
            if (resource == null) {
                throw new IllegalStateException("The class path has no resource ferrite/firmware/" + image
                        + ", which the module firmware-images should contain; rebuild that module.");
            }
            return resource.readAllBytes();
        } catch (IOException failure) {
            throw new UncheckedIOException("The firmware image " + image + " cannot be read from the class path.",
                    failure);
        }
    }
}
