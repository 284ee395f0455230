package ferrite.scenarios;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;

/** The byte code of Ferrite without that of its tests, for tests of the architecture. */
final class MainClasses {

    private MainClasses() { }

    static ClassFileImporter importer() {
        return new ClassFileImporter().withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .withImportOption(location -> !location.contains("-tests.jar"));
    }
}
