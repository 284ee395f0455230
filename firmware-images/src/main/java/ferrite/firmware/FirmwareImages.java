package ferrite.firmware;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** The guest programs that ship with Ferrite, as ELF files. */
public final class FirmwareImages {
    private FirmwareImages() {
    }

    /**
     * The boot ROM of the {@code ferrite} board, which brings each hart from reset in M-mode to S-mode.
     *
     * <p>Its one segment is linked at 0xF000_0000. The board puts two words at the symbol {@code boot_info} before the
     * first hart runs: where S-mode starts, and the physical address of the flattened device tree.
     *
     * @return the ELF file; a new array each time
     */
    public static byte[] boot() {
        return read("boot.elf");
    }

    /**
     * The boot ROM of either board for a bare program: every hart goes on in M-mode, with its number in a0, the device tree in a1, and in a2 what a
     * firmware has to know.
     *
     * <p>Position-independent. The board puts two words at the symbol {@code boot_info} before the first hart runs: where the program starts, and the
     * physical address of the flattened device tree. If what starts there is a firmware, a word at the symbol {@code payload} says where that goes.
     *
     * @return the ELF file; a new array each time
     */
    public static byte[] reset() {
        return read("reset.elf");
    }

    /**
     * The SBI firmware: what runs in M-mode, serves S-mode, and starts the payload there, on either board.
     *
     * <p>Linked at the start of RAM of the {@code virt} board, and position-independent: it may be put at the start of any RAM. Its entry is its first byte.
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
            throw new UncheckedIOException("The firmware image " + image + " cannot be read from the class path.", failure);
        }
    }
}
