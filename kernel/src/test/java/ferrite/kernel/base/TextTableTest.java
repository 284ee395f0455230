package ferrite.kernel.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.hardware.hart.Gate;
import ferrite.kernel.irq.IrqHandler;
import ferrite.kernel.irq.IrqReturn;
import ferrite.kernel.sched.TaskEntry;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TextTableTest {

    private final TextTable text = new TextTable();
    private final TaskEntry entry = argument -> 0;
    private final IrqHandler handler = (irq, data) -> IrqReturn.IRQ_HANDLED;

    @Test
    void givesAddressesInTheOrderInWhichTheyAreAskedFor() {
        TextTable.Module first = text.newModule();
        TextTable.Module second = text.newModule();
        long address = second.add("second", handler);
        assertThat(first.add("first", entry)).isEqualTo(Gate.TEXT);
        assertThat(first.add("next", handler)).isEqualTo(Gate.TEXT + 4);
        assertThat(address).isEqualTo(Gate.TEXT + 0x1000);
        assertThat(text.at(Gate.TEXT, TaskEntry.class)).isSameAs(entry);
        assertThat(text.at(address, IrqHandler.class)).isSameAs(handler);
        assertThat(text.name(Gate.TEXT + 4)).isEqualTo("next");
    }

    @Test
    void listsAllCallbacksByAddress() {
        TextTable.Module first = text.newModule();
        text.newModule().add("other", handler);
        first.add("entry", entry);
        first.add("next", entry);
        assertThat(text.callbacks()).containsExactly(new TextTable.Callback("entry", Gate.TEXT),
                new TextTable.Callback("next", Gate.TEXT + 4), new TextTable.Callback("other", Gate.TEXT + 0x1000));
    }

    @Test
    void aJumpToWhereNothingOfThatKindIsNamesTheAddress() {
        text.newModule().add("entry", entry);
        for (long address : new long[] {0, 4, Gate.TEXT - 4, Gate.TEXT + 1, Gate.TEXT + 4, Gate.TEXT + 0x1000,
                0xffff_ffffL, 0xc000_0000L}) {
            assertThatThrownBy(() -> text.at(address, TaskEntry.class)).isInstanceOf(KernelBug.class)
                    .hasMessage("jump to 0x" + Long.toHexString(address) + ", where there is no TaskEntry");
            assertThat(text.name(address)).isNull();
        }
        assertThatThrownBy(() -> text.at(Gate.TEXT, IrqHandler.class)).isInstanceOf(KernelBug.class)
                .hasMessageContaining("IrqHandler");
    }

    @Test
    void aModuleHasAPageOfThemAndNotOneMore() {
        TextTable.Module module = text.newModule();
        Set<Long> addresses = new HashSet<>();
        for (int i = 0; i < 1024; i++) {
            addresses.add(module.add("callback", entry));
        }
        assertThat(addresses).hasSize(1024).allMatch(address -> address >= Gate.TEXT && address < Gate.TEXT + 0x1000);
        assertThatThrownBy(() -> module.add("one more", entry)).isInstanceOf(IllegalStateException.class);
    }
}
