package ferrite.board.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.board.layout.FerriteLayout;
import ferrite.board.layout.VirtLayout;
import ferrite.firmware.FirmwareImages;
import ferrite.hardware.bus.BusFault;
import ferrite.hardware.elf.ElfImage;
import org.junit.jupiter.api.Test;

class BootRomTest {

    private static final long ENTRY = 0xff80_0000L;
    private static final long DEVICE_TREE = 0x37ff_0000L;

    private final BootRom rom = new BootRom(FirmwareImages.boot(), FerriteLayout.BOOT_ROM, ENTRY, DEVICE_TREE);

    @Test
    void itHoldsTheImageAndTheTwoWordsThatSayWhereToGo() {
        ElfImage image = ElfImage.parse(FirmwareImages.boot(), "boot.elf");
        long info = image.symbol("boot_info").orElseThrow() - FerriteLayout.BOOT_ROM;
        assertThat(rom.load(info, 4)).isEqualTo((int) ENTRY);
        assertThat(rom.load(info + 4, 4)).isEqualTo((int) DEVICE_TREE);
        assertThat(rom.load(0, 4)).as("the first instruction").isNotZero();
    }

    /** The structure to which a2 points for a firmware: OpenSBI's struct fw_dynamic_info. */
    @Test
    void aFirmwareIsToldWhereThePayloadIs() {
        ElfImage image = ElfImage.parse(FirmwareImages.reset(), "reset.elf");
        BootRom reset = new BootRom(FirmwareImages.reset(), VirtLayout.BOOT_ROM, VirtLayout.RAM, DEVICE_TREE,
                VirtLayout.RAM + BootImages.PAYLOAD);
        long info = image.symbol("boot_info").orElseThrow() - image.entryPa();
        int[] words = {(int) VirtLayout.RAM, (int) DEVICE_TREE, 0x4942_534f, 2, 0x8040_0000, 1, 0, 0};
        for (int i = 0; i < words.length; i++) {
            assertThat(reset.load(info + 4 * i, 4)).as("word " + i).isEqualTo(words[i]);
        }
        assertThat(new BootRom(FirmwareImages.reset(), VirtLayout.BOOT_ROM, VirtLayout.RAM, DEVICE_TREE)
                .load(info + 16, 4)).as("without one").isZero();
    }

    @Test
    void aWordIsFourBytesLowestFirst() {
        int word = rom.load(0, 4);
        for (int i = 0; i < 4; i++) {
            assertThat(rom.load(i, 1)).isEqualTo(word >>> 8 * i & 0xff);
        }
        assertThat(rom.load(2, 2)).isEqualTo(word >>> 16);
        assertThat(rom.peek(0, 4)).isEqualTo(word);
        assertThat(rom.load(BootRom.BYTES - 4, 4)).as("its end").isZero();
    }

    @Test
    void aStoreIsABusFaultAtItsAddress() {
        int before = rom.load(8, 4);
        assertThatThrownBy(() -> rom.store(8, 4, 1)).isInstanceOf(BusFault.class).hasMessageContaining("0xf000_0008")
                .hasMessageContaining("cannot be written");
        assertThat(rom.load(8, 4)).isEqualTo(before);
    }
}
