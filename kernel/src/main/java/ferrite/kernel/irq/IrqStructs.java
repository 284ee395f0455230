package ferrite.kernel.irq;

import ferrite.kernel.base.Struct;
import java.util.List;

/** The layouts of all records of interrupts, for debuggers. */
public final class IrqStructs {

    public static final List<Struct> ALL = List.of(
            IrqActionLayout.STRUCT, IrqDescLayout.STRUCT, Interrupts.TABLE);

    private IrqStructs() { }
}
