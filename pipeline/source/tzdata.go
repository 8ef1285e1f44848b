package source

import _ "time/tzdata" // a zone named in the configuration is known on every machine
