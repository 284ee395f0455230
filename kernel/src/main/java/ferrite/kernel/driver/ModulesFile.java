package ferrite.kernel.driver;

import ferrite.hardware.report.Hex;
import ferrite.hardware.report.Report;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.fs.ProcFile;

/** {@code /proc/modules}: name, bytes held, users, their names, state and text address of every loaded driver. */
public final class ModulesFile implements ProcFile {

    private final Modules modules;

    public ModulesFile(Modules modules) {
        this.modules = modules;
    }

    @Override
    public String name() {
        return "modules";
    }

    @Override
    public String text(ReadableMemory view) {
        StringBuilder out = new StringBuilder();
        for (Modules.Loaded module : modules.all(view)) {
            out.append(module.name()).append(' ').append(module.heldBytes()).append(' ').append(module.users())
               .append(' ').append(module.usedBy().isEmpty() ? "-" : String.join(",", module.usedBy()) + ",")
               .append(' ').append(module.state()).append(' ').append(Hex.address(module.textAddress())).append('\n');
        }
        return out.toString();
    }

    @Override
    public Report report(ReadableMemory view) {
        Report report = Report.of(name());
        for (Modules.Loaded module : modules.all(view)) {
            report.child(Report.of(module.name())
                    .number("held_bytes", module.heldBytes()).number("users", module.users())
                    .text("used_by", String.join(" ", module.usedBy()))
                    .text("state", module.state()).address("text", module.textAddress()));
        }
        return report;
    }
}
